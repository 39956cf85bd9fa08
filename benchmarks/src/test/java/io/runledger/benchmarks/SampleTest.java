package io.runledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SampleTest {

    @Test
    void quantiles_are_times_that_occurred() {
        long[] nanos =
                LongStream.rangeClosed(1, 100).map(i -> (101 - i) * 1_000_000).toArray();
        Sample sample = Sample.of(nanos, 2_000_000_000L);
        assertThat(sample).isEqualTo(new Sample(50, 50, 99));
    }

    @Test
    void the_sides_take_turns_and_each_figure_is_a_median_by_itself() throws Exception {
        List<String> order = new ArrayList<>();
        List<Sample> ledger =
                new ArrayList<>(List.of(new Sample(1, 30, 7), new Sample(3, 10, 8), new Sample(2, 20, 9)));
        Measurement measurement = Measurement.alternating(
                "turns",
                3,
                () -> {
                    order.add("ledger");
                    return ledger.removeFirst();
                },
                () -> {
                    order.add("bare");
                    return new Sample(order.size(), 1, 1);
                });
        assertThat(order).containsExactly("bare", "ledger", "bare", "ledger", "bare", "ledger");
        assertThat(measurement.ledger()).isEqualTo(new Sample(2, 20, 8));
        assertThat(measurement.bare()).isEqualTo(new Sample(3, 1, 1));
    }
}

package io.runledger.command.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.RunId;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RunIdsTest {

    private static final Clock STOPPED = Clock.fixed(Instant.parse("2026-11-22T10:00:00Z"), ZoneOffset.UTC);

    @Test
    void ids_of_one_millisecond_are_different_and_rise() {
        List<RunId> ids =
                Stream.generate(new RunIds(STOPPED)::next).limit(10_000).toList();
        assertThat(ids).isSorted().doesNotHaveDuplicates();
        assertThat(ids).allMatch(id -> id.value().getMostSignificantBits() >>> 16 == STOPPED.millis());
    }

    @Test
    void two_nodes_give_different_ids_in_one_millisecond() {
        List<RunId> one =
                Stream.generate(new RunIds(STOPPED)::next).limit(1_000).toList();
        List<RunId> other =
                Stream.generate(new RunIds(STOPPED)::next).limit(1_000).toList();
        assertThat(one).doesNotContainAnyElementsOf(other);
    }
}

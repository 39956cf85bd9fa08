package io.runledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RunIdTest {

    private static final long SEED = 20260131;

    @Test
    void text_order_is_bit_order_is_the_order_of_ids() {
        List<RunId> ids = randomIds();

        List<RunId> byText =
                ids.stream().sorted(Comparator.comparing(RunId::toString)).toList();
        List<RunId> byUuidText = ids.stream()
                .sorted(Comparator.comparing(id -> id.value().toString()))
                .toList();

        assertThat(ids.stream().sorted().toList()).isEqualTo(byText).isEqualTo(byUuidText);
    }

    @Test
    void a_later_id_is_a_greater_id_whatever_its_randomness() {
        assertThat(RunId.at(1_000, -1, -1)).isLessThan(RunId.at(1_001, 0, 0));
    }

    @Test
    void the_first_ten_characters_tell_the_time() {
        assertThat(RunId.at(1_469_918_176_385L, 0, 0).toString()).startsWith("01ARYZ6S41");
    }

    @Test
    void the_randomness_never_reaches_into_the_time() {
        long high = RunId.at(1_234_567, -1, -1).value().getMostSignificantBits();

        assertThat(high >>> 16).isEqualTo(1_234_567);
        assertThat(high & 0xFFFF).isEqualTo(0xFFFF);
    }

    @Test
    void an_id_is_written_as_its_ulid_and_read_back_from_both_spellings() {
        for (RunId id : randomIds()) {
            assertThat(RunId.of(id.toString())).isEqualTo(id);
            assertThat(RunId.of(id.value().toString())).isEqualTo(id);
        }
    }

    @Test
    void what_is_no_id_is_refused_with_what_to_write() {
        assertThat(RunId.parse("run-1")).isNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunId.of("run-1"))
                .withMessageContaining("ULID")
                .withMessageContaining("UUID");
    }

    private static List<RunId> randomIds() {
        Random random = new Random(SEED);
        List<RunId> ids = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            ids.add(new RunId(new UUID(random.nextLong(), random.nextLong())));
        }
        return ids;
    }
}

package io.runledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UlidTest {

    private static final long SEED = 20260131;
    private static final UUID KNOWN = UUID.fromString("01563e3a-b5d3-d676-4c61-efb99302bd5b");

    @Test
    void the_known_example_of_the_specification_is_printed_and_read() {
        assertThat(Ulid.print(KNOWN)).isEqualTo("01ARZ3NDEKTSV4RRFFQ69G5FAV");
        assertThat(Ulid.parse("01ARZ3NDEKTSV4RRFFQ69G5FAV")).isEqualTo(KNOWN);
    }

    @Test
    void both_spellings_are_read_in_upper_and_lower_case() {
        assertThat(Ulid.parse("01arz3ndektsv4rrffq69g5fav")).isEqualTo(KNOWN);
        assertThat(Ulid.parse("01563e3a-b5d3-d676-4c61-efb99302bd5b")).isEqualTo(KNOWN);
        assertThat(Ulid.parse("01563E3A-B5D3-D676-4C61-EFB99302BD5B")).isEqualTo(KNOWN);
    }

    @Test
    void the_least_and_the_greatest_id_survive() {
        assertThat(Ulid.print(new UUID(0, 0))).isEqualTo("0".repeat(26));
        assertThat(Ulid.print(new UUID(-1, -1))).isEqualTo("7" + "Z".repeat(25));
        assertThat(Ulid.parse("7" + "Z".repeat(25))).isEqualTo(new UUID(-1, -1));
    }

    @Test
    void random_ids_survive_both_spellings() {
        Random random = new Random(SEED);
        for (int i = 0; i < 10_000; i++) {
            UUID id = new UUID(random.nextLong(), random.nextLong());
            assertThat(Ulid.parse(Ulid.print(id))).isEqualTo(id);
            assertThat(Ulid.parse(id.toString())).isEqualTo(id);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "01ARZ3NDEKTSV4RRFFQ69G5FA",
                "01ARZ3NDEKTSV4RRFFQ69G5FAVV",
                "81ARZ3NDEKTSV4RRFFQ69G5FAV",
                "Z1ARZ3NDEKTSV4RRFFQ69G5FAV",
                "01ARZ3NDEKTSV4RRFFQ69G5FAI",
                "01ARZ3NDEKTSV4RRFFQ69G5FAL",
                "01ARZ3NDEKTSV4RRFFQ69G5FAO",
                "01ARZ3NDEKTSV4RRFFQ69G5FAU",
                "01ARZ3NDEKTSV4RRFFQ69G5FA\u0000",
                "01ARZ3NDEKTSV4RRFFQ69G5FA\u0663",
                "01ARZ3NDEKTSV4RRFFQ69G5FAé",
                "-1ARZ3NDEKTSV4RRFFQ69G5FAV",
                "01ARZ3NDEKTSV4RRFFQ69G5FA ",
                "01563e3a-b5d3-d676-4c61-efb99302bd5g",
                "01563e3ab5d3-d676-4c61-efb99302bd5b0",
                "0x563e3a-b5d3-d676-4c61-efb99302bd5b",
                "-1563e3a-b5d3-d676-4c61-efb99302bd5b",
                "\u0660\u0661563e3a-b5d3-d676-4c61-efb99302bd5b",
                "{1563e3a-b5d3-d676-4c61-efb99302bd5}",
                "------------------------------------",
                "' or 1=1 --"
            })
    void a_hostile_text_is_no_id(String text) {
        assertThat(Ulid.parse(text)).isNull();
    }
}

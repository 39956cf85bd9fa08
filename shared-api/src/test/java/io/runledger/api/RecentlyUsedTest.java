package io.runledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecentlyUsedTest {

    private final RecentlyUsed<String, String> memory = new RecentlyUsed<>(10, String::length);

    @Test
    void what_was_used_least_recently_is_forgotten() {
        memory.put("a", "12345");
        memory.put("b", "12345");
        memory.get("a");

        memory.put("c", "1");

        assertThat(memory.get("b")).isNull();
        assertThat(memory.get("a")).isEqualTo("12345");
        assertThat(memory.get("c")).isEqualTo("1");
    }

    @Test
    void newcomers_are_remembered_however_often_others_were_used() {
        for (int i = 0; i < 10; i++) {
            memory.put("old " + i, "1");
            for (int use = 0; use < 100; use++) {
                memory.get("old " + i);
            }
        }

        for (int i = 0; i < 100; i++) {
            memory.put("new " + i, "1");
            assertThat(memory.get("new " + i)).isEqualTo("1");
        }
    }

    @Test
    void a_value_that_takes_the_place_of_another_is_weighed_anew() {
        memory.put("a", "1234567890");
        memory.put("a", "12");
        memory.put("b", "12345678");

        assertThat(memory.get("a")).isEqualTo("12");
        assertThat(memory.get("b")).isEqualTo("12345678");
    }

    @Test
    void there_is_room_again_for_what_was_removed() {
        memory.put("a", "12345");
        memory.put("b", "12345");

        assertThat(memory.remove("b")).isTrue();
        assertThat(memory.remove("b")).isFalse();
        memory.put("c", "12345");

        assertThat(memory.get("a")).isEqualTo("12345");
        assertThat(memory.get("c")).isEqualTo("12345");
    }

    @Test
    void a_value_that_is_too_heavy_for_it_is_not_held() {
        memory.put("a", "12345678901");

        assertThat(memory.get("a")).isNull();
        memory.put("b", "1234567890");
        assertThat(memory.get("b")).isEqualTo("1234567890");
    }

    @Test
    void a_value_that_is_there_already_stays_when_it_is_put_only_if_there_is_none() {
        assertThat(memory.putIfAbsent("a", "1")).isTrue();
        assertThat(memory.putIfAbsent("a", "2")).isFalse();

        assertThat(memory.get("a")).isEqualTo("1");
    }

    @Test
    void nothing_is_left_when_it_is_cleared() {
        memory.put("a", "1234567890");

        memory.clear();

        assertThat(memory.get("a")).isNull();
        memory.put("b", "1234567890");
        assertThat(memory.get("b")).isEqualTo("1234567890");
    }
}

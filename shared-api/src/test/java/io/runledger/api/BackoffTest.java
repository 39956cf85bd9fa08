package io.runledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackoffTest {

    @Test
    void the_first_wait_is_the_initial_one_and_each_later_one_is_twice_as_long() {
        Backoff backoff = new Backoff(Duration.ofSeconds(30), null, null);

        assertThat(backoff.afterAttempt(1)).isEqualTo(Duration.ofSeconds(30));
        assertThat(backoff.afterAttempt(2)).isEqualTo(Duration.ofSeconds(60));
        assertThat(backoff.afterAttempt(3)).isEqualTo(Duration.ofSeconds(120));
    }

    @Test
    void the_factor_may_be_given() {
        Backoff backoff = new Backoff(Duration.ofSeconds(1), 1.5, null);

        assertThat(backoff.afterAttempt(3)).isEqualTo(Duration.ofMillis(2_250));
    }

    @Test
    void a_factor_of_one_always_waits_the_same() {
        Backoff backoff = new Backoff(Duration.ofSeconds(5), 1.0, null);

        assertThat(backoff.afterAttempt(1_000)).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void no_wait_is_longer_than_the_maximum() {
        Backoff backoff = new Backoff(Duration.ofSeconds(30), null, Duration.ofSeconds(45));

        assertThat(backoff.afterAttempt(1)).isEqualTo(Duration.ofSeconds(30));
        assertThat(backoff.afterAttempt(2)).isEqualTo(Duration.ofSeconds(45));
        assertThat(backoff.afterAttempt(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(45));
    }

    @Test
    void no_wait_is_longer_than_a_day_even_when_the_numbers_overflow() {
        Backoff backoff = new Backoff(Duration.ofDays(1_000_000), 1e300, null);

        assertThat(backoff.afterAttempt(1)).isEqualTo(Duration.ofDays(1));
        assertThat(backoff.afterAttempt(1_000)).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void no_initial_wait_is_no_wait() {
        Backoff backoff = new Backoff(Duration.ZERO, null, null);

        assertThat(backoff.afterAttempt(1)).isZero();
        assertThat(backoff.afterAttempt(10)).isZero();
    }

    @Test
    void no_initial_wait_is_no_wait_even_when_the_factor_overflows() {
        assertThat(new Backoff(Duration.ZERO, 10.0, null).afterAttempt(1_000)).isZero();
    }

    @Test
    void the_waits_of_runs_differ_but_each_has_its_own_and_none_is_longer_or_much_shorter() {
        Backoff backoff = new Backoff(Duration.ofSeconds(100), null, null);
        Set<Duration> waits = new HashSet<>();

        for (int run = 0; run < 1_000; run++) {
            RunId id = RunId.at(1_000, 0, run);
            Duration wait = backoff.afterAttempt(2, id);
            assertThat(wait)
                    .isEqualTo(backoff.afterAttempt(2, id))
                    .isBetween(Duration.ofSeconds(160), Duration.ofSeconds(200));
            waits.add(wait);
        }

        assertThat(waits).hasSizeGreaterThan(900);
    }
}

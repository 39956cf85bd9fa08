package io.runledger.server.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.database.DatabaseClock.Reading;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Which answer of the database a node goes by. */
class DatabaseClockTest {

    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;
    private static final Instant TIME = Instant.parse("2026-01-31T12:00:00Z");

    private final Reading first = Reading.between(0, TIME, 2 * MILLI);

    @Test
    void a_quick_answer_replaces_the_one_before_whatever_it_says() {
        Reading quick = Reading.between(10 * SECOND, TIME.minusSeconds(60), 10 * SECOND + 4 * MILLI);
        assertThat(first.orBetter(quick)).isSameAs(quick);
    }

    @Test
    void an_answer_that_took_long_is_not_believed_until_the_one_before_is_as_uncertain() {
        assertThat(first.orBetter(Reading.between(10 * SECOND, TIME, 12 * SECOND)))
                .isSameAs(first);
        // 200 millionths of 5,000 seconds are one second.
        Reading late = Reading.between(5_000 * SECOND, TIME, 5_002 * SECOND);
        assertThat(first.orBetter(late)).isSameAs(late);
    }

    @Test
    void a_reading_is_half_way_between_question_and_answer() {
        assertThat(Reading.between(SECOND, TIME, 3 * SECOND)).isEqualTo(new Reading(TIME, 2 * SECOND, SECOND));
    }
}

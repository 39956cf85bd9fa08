package io.runledger.server.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PatienceTest {

    private static final SQLException AWAY = new SQLException("connection refused", "08001");

    @Test
    void a_database_that_is_not_there_yet_is_waited_for() {
        AtomicInteger attempts = new AtomicInteger();

        Patience.await(
                Duration.ofSeconds(30),
                () -> {
                    if (attempts.incrementAndGet() < 2) {
                        throw AWAY;
                    }
                },
                "PostgreSQL");

        assertThat(attempts).hasValue(2);
    }

    @Test
    void nobody_waits_for_it_longer_than_is_set() {
        AtomicInteger attempts = new AtomicInteger();

        assertThatThrownBy(() -> Patience.await(
                        Duration.ZERO,
                        () -> {
                            attempts.incrementAndGet();
                            throw AWAY;
                        },
                        "PostgreSQL"))
                .isInstanceOf(DatabaseUnfit.class)
                .hasMessageContaining("connection refused");
        assertThat(attempts).hasValue(1);
    }

    @Test
    void a_wrong_password_is_told_at_once() {
        SQLException wrong = new SQLException("password authentication failed", "28P01");

        assertThatThrownBy(() -> Patience.await(
                        Duration.ofDays(1),
                        () -> {
                            throw wrong;
                        },
                        "PostgreSQL"))
                .isInstanceOf(DatabaseUnfit.class)
                .hasCause(wrong);
    }
}

package io.runledger.query.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.api.RecentRecord;
import io.runledger.query.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CommitSignalTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicInteger heard = new AtomicInteger();
    private final CommitSignal signal = new CommitSignal(this::connect);

    @BeforeAll
    static void startDatabase() {
        TestDatabase.jdbc();
    }

    private Connection connect() throws SQLException {
        if (refusals.getAndDecrement() > 0) {
            throw new SQLException("not now");
        }
        Connection connection = TestDatabase.newConnection();
        connection.setClientInfo("ApplicationName", "signal test");
        return connection;
    }

    private void begin() {
        signal.onCommit(RecentRecord.NOTHING, heard::incrementAndGet);
        signal.start();
        await().atMost(SOON).until(signal::isListening);
        await().atMost(SOON).until(() -> heard.get() == 1);
    }

    private static void notifyAll(int times) {
        for (int i = 0; i < times; i++) {
            TestDatabase.jdbc()
                    .sql("select pg_notify('" + CommitSignal.CHANNEL + "', '')")
                    .query((_, _) -> 0)
                    .list();
        }
    }

    @AfterEach
    void stop() {
        signal.stop();
    }

    @Test
    void a_commit_wakes_up_who_listens() {
        begin();
        notifyAll(1);
        await().atMost(Duration.ofMillis(900)).until(() -> heard.get() == 2);
    }

    @Test
    void what_a_notification_says_is_passed_on_and_nothing_when_any_may_have_been_missed() {
        List<String> messages = new CopyOnWriteArrayList<>();
        signal.onMessage("runledger_log", messages::add);
        begin();
        TestDatabase.jdbc()
                .sql("select pg_notify('runledger_log', 'a'), pg_notify('runledger_log', 'b'),"
                        + " pg_notify('runledger_log', 'a')")
                .query((_, _) -> 0)
                .list();
        await().atMost(SOON).until(() -> messages.size() == 3);
        assertThat(messages).first().isEqualTo("");
        assertThat(messages.subList(1, 3)).containsExactlyInAnyOrder("a", "b");
        assertThat(heard.get()).isEqualTo(1);
    }

    @Test
    void a_broken_connection_is_replaced_and_signals_once_for_what_was_missed() {
        begin();
        refusals.set(3);
        TestDatabase.jdbc()
                .sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'signal test'")
                .query((_, _) -> 0)
                .list();
        await().atMost(SOON).until(() -> heard.get() == 2 && signal.isListening());
        assertThat(refusals.get()).isNegative();
        notifyAll(1);
        await().atMost(SOON).until(() -> heard.get() == 3);
    }

    @Test
    void a_node_knows_whether_another_one_listens_and_hears_at_once_of_one_that_begins_to() {
        assertThat(signal.mayOthersListen()).isTrue();
        begin();
        await().atMost(SOON).until(() -> !signal.mayOthersListen());

        CommitSignal other = new CommitSignal(this::connect);
        other.start();
        try {
            // Sooner than it asks.
            await().atMost(Duration.ofMillis(900)).until(signal::mayOthersListen);
            await().during(Duration.ofMillis(2_500))
                    .atMost(SOON)
                    .until(() -> signal.mayOthersListen() && other.mayOthersListen());
        } finally {
            other.stop();
        }

        await().atMost(SOON).until(() -> !signal.mayOthersListen());
    }

    @Test
    void a_node_that_hears_nothing_takes_it_that_others_listen() {
        begin();
        await().atMost(SOON).until(() -> !signal.mayOthersListen());
        refusals.set(Integer.MAX_VALUE);
        TestDatabase.jdbc()
                .sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'signal test'")
                .query((_, _) -> 0)
                .list();
        await().atMost(SOON).until(signal::mayOthersListen);
    }

    @Test
    void it_stops_at_once_and_leaves_no_connection_behind() {
        begin();
        signal.stop();
        await().atMost(Duration.ofMillis(900)).until(() -> !signal.isListening());
        await().atMost(SOON)
                .until(() -> TestDatabase.jdbc()
                                .sql("select count(*) from pg_stat_activity where application_name = 'signal test'")
                                .query(Long.class)
                                .single()
                        == 0);
    }
}

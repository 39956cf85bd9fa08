package io.runledger.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.runledger.api.Caller;
import io.runledger.command.store.RunIds;
import io.runledger.server.http.RunningLedger;
import io.runledger.server.http.SharedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** What keys open, how seldom the database is asked, and how soon a node knows that one was revoked elsewhere. */
@RunningLedger
class ApiKeysTest {

    private static final Caller ADMIN = new Caller(Projects.DEFAULT, "key:first");

    private final Clock clock;
    private final Keys keys;
    private final RunIds ids;
    private final Counting database;
    private KeyUses uses;
    private ApiKeys apiKeys;

    ApiKeysTest(DataSource dataSource, Clock clock, Keys keys, RunIds ids) {
        this.clock = clock;
        this.keys = keys;
        this.ids = ids;
        this.database = new Counting(dataSource);
    }

    /** Counts how often somebody wants to ask; may be away. */
    private static final class Counting extends DelegatingDataSource {

        private final AtomicInteger asked = new AtomicInteger();
        private volatile boolean away;

        Counting(DataSource database) {
            super(database);
        }

        @Override
        public Connection getConnection() throws SQLException {
            asked.incrementAndGet();
            if (away) {
                throw new SQLException("away", "08006");
            }
            return super.getConnection();
        }
    }

    /** Another node, which hears of nothing. */
    @BeforeEach
    void another_node() {
        uses = new KeyUses(JdbcClient.create(database));
        apiKeys = new ApiKeys(JdbcClient.create(database), clock, uses);
    }

    @AfterEach
    void close() {
        database.away = false;
        uses.close();
    }

    private Keys.Made made(Role role, Instant expiresAt) {
        return keys.create(ids.next().value(), Projects.DEFAULT, new Keys.Wanted("a-test", role, expiresAt), ADMIN);
    }

    @Test
    void ten_thousand_requests_ask_the_database_a_few_times() {
        String secret = made(Role.VIEWER, null).secret().reveal();
        Instant begun = clock.instant();
        for (int i = 0; i < 10_000; i++) {
            assertThat(apiKeys.holder(secret)).isNotNull();
            assertThat(apiKeys.holder(secret + "x")).isNull();
            assertThat(apiKeys.holder("rl_nobody_x")).isNull();
            assertThat(apiKeys.holder("nothing like a key")).isNull();
        }
        long memories = 1 + Duration.between(begun, clock.instant()).dividedBy(ApiKeys.MEMORY);
        // This key, nobody's, and the first one; nothing is written for any of them.
        assertThat(database.asked.get()).isBetween(3, (int) (3 * memories));
        System.out.printf("40,000 keys checked with %d questions to the database%n", database.asked.get());
    }

    @Test
    void a_key_says_whose_it_is_and_what_it_may() {
        Keys.Made made = made(Role.WORKER, null);
        KeyHolder holder = apiKeys.holder(made.secret().reveal());
        assertThat(holder).isNotNull();
        assertThat(holder.role()).isEqualTo(Role.WORKER);
        assertThat(holder.caller().actor()).isEqualTo("key:" + made.key().id() + "/a-test");
        assertThat(holder.keepsLedger()).isFalse();
        assertThat(apiKeys.holds(holder.caller())).isTrue();
        assertThat(made.toString()).doesNotContain(made.secret().reveal());
    }

    @Test
    void a_node_that_hears_of_no_revocation_knows_it_within_five_seconds() {
        Keys.Made made = made(Role.VIEWER, null);
        KeyHolder holder = apiKeys.holder(made.secret().reveal());
        keys.revoke(made.key().id(), ADMIN);
        assertThat(holder).isNotNull();
        await().atMost(Duration.ofSeconds(5))
                .until(() -> apiKeys.holder(made.secret().reveal()) == null && !apiKeys.holds(holder.caller()));
    }

    @Test
    void a_key_holds_until_its_last_moment_and_no_longer() {
        Instant end = clock.instant().plusSeconds(1);
        String secret = made(Role.VIEWER, end).secret().reveal();
        KeyHolder holder = apiKeys.holder(secret);
        assertThat(holder).isNotNull();
        await().until(() -> apiKeys.holder(secret) == null);
        assertThat(clock.instant()).isAfterOrEqualTo(end);
        assertThat(apiKeys.holds(holder.caller())).isFalse();
    }

    @Test
    void while_the_database_is_away_what_is_open_goes_on_and_nobody_new_comes_in() {
        String secret = made(Role.VIEWER, null).secret().reveal();
        Caller caller = new Caller(Projects.DEFAULT, "key:never-seen-before");
        database.away = true;
        assertThatThrownBy(() -> apiKeys.holder(secret)).isInstanceOf(DataAccessException.class);
        assertThat(apiKeys.holds(caller)).isTrue();
        assertThat(apiKeys.holds(new Caller(Projects.DEFAULT, "operation"))).isFalse();
    }

    @Test
    void uses_that_could_not_be_written_are_written_the_next_time() {
        Keys.Made made = made(Role.VIEWER, null);
        assertThat(apiKeys.holder(made.secret().reveal())).isNotNull();
        database.away = true;
        uses.write();
        assertThat(lastUse(made)).isNull();
        database.away = false;
        uses.write();
        assertThat(lastUse(made)).isNotNull();
    }

    private static Instant lastUse(Keys.Made made) {
        return JdbcClient.create(SharedPostgres.ownersConnections())
                .sql("select last_used_at from access.api_key where id = ?")
                .param(made.key().id())
                .query((row, _) -> java.util.Optional.ofNullable(Key.time(row, "last_used_at")))
                .single()
                .orElse(null);
    }
}

package io.runledger.command.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.api.Backoff;
import io.runledger.api.Concurrency;
import io.runledger.api.Definition;
import io.runledger.api.FailurePolicy;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunDefaults;
import io.runledger.api.Target;
import io.runledger.command.store.CountingDataSource;
import io.runledger.command.store.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Definitions in a real PostgreSQL, seen by two nodes. */
class DefinitionsTest {

    private static final Target MAIL = Target.of("task:send-mail");
    private static final Target OTHER = Target.of("task:other");
    private static final DefinitionLimits LIMITS =
            new DefinitionLimits(3, 65_536, 1_000, 10_000, 500, Duration.ofMinutes(1), 1 << 20);
    private static final RunDefaults DEFAULTS = new RunDefaults(
            "mails",
            7,
            Duration.ofMinutes(5),
            4,
            new Backoff(Duration.ofSeconds(1), 3.0, Duration.ofHours(1)),
            new Concurrency("smtp", 5),
            Map.of("team", "web"));

    private final TestPostgres postgres = TestPostgres.create();
    private final Node here = new Node();
    private final Node there = new Node();

    @AfterEach
    void close() {
        postgres.close();
    }

    /** One node's memory of definitions; it hears of changes when a test says so. */
    private final class Node {

        final CountingDataSource statements = new CountingDataSource(postgres.app());
        final Definitions definitions = new Definitions(
                new DefinitionStore(JdbcClient.create(statements)), LIMITS, _ -> false, Duration.ofDays(1));
        private final Map<String, Runnable> listeners = new HashMap<>();

        Node() {
            definitions.listenTo(listeners::put);
        }

        void hears() {
            listeners.get("runledger_definition").run();
        }

        /** The default queue for a target's runs; null when the target has no definition. */
        String queue(Target target) {
            CompiledDefinition found = definitions.of("p", target);
            return found == null ? null : found.defaults().queue();
        }

        boolean put(Target target, String queue) {
            return definitions.put("p", target, queued(queue), null, "key:ci");
        }

        int version(Target target) {
            return definitions.of("p", target).version();
        }

        int countedStatements(Runnable action) {
            int before = statements.statements();
            action.run();
            return statements.statements() - before;
        }
    }

    private static Definition queued(String queue) {
        return new Definition(
                new Json("{\"type\":\"object\"}"),
                List.of(),
                new RunDefaults(queue, null, null, null, null, null, null),
                null,
                null);
    }

    private static void assertRefused(ProblemCode code, ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    }

    @Test
    void a_definition_is_kept_as_it_was_given() {
        Definition definition = new Definition(
                new Json("{\"maximum\":1.50,\"a\":[]}"),
                List.of("draft", "live"),
                DEFAULTS,
                new Json("[{\"target\":\"task:a\"}]"),
                FailurePolicy.FAIL_FAST);
        assertThat(here.definitions.put("p", MAIL, definition, null, "key:ci")).isTrue();
        DefinitionStore store = new DefinitionStore(postgres.jdbc());
        assertThat(store.find("p", MAIL, DefinitionStore.NEVER).definition()).isEqualTo(definition);

        Definition bare = new Definition(null, List.of(), RunDefaults.NONE, null, null);
        here.definitions.put("p", OTHER, bare, null, "key:ci");
        assertThat(store.find("p", OTHER, DefinitionStore.NEVER).definition()).isEqualTo(bare);
    }

    @Test
    void every_change_is_a_version_and_the_same_again_is_none() {
        assertThat(here.put(MAIL, "a")).isTrue();
        assertThat(here.version(MAIL)).isEqualTo(1);
        assertThat(here.put(MAIL, "a")).isFalse();
        assertThat(here.version(MAIL)).isEqualTo(1);
        assertThat(here.put(MAIL, "b")).isFalse();
        assertThat(here.version(MAIL)).isEqualTo(2);
    }

    @Test
    void a_version_never_means_two_things() {
        here.put(MAIL, "a");
        assertThat(there.queue(MAIL)).isEqualTo("a");
        here.definitions.delete("p", MAIL, null, "key:ci");
        assertThat(here.queue(MAIL)).isNull();
        assertThat(there.queue(MAIL)).isNull();
        assertThat(here.put(MAIL, "b")).isTrue();
        assertThat(here.version(MAIL)).isEqualTo(3);
        assertThat(there.queue(MAIL)).isEqualTo("b");
    }

    @Test
    void a_change_on_one_node_holds_on_the_other_before_it_hears_of_it() {
        here.put(MAIL, "a");
        assertThat(there.queue(MAIL)).isEqualTo("a");
        for (String queue : List.of("b", "c")) {
            here.put(MAIL, queue);
            assertThat(there.queue(MAIL)).isEqualTo(queue);
        }
    }

    @Test
    void the_first_definition_of_a_target_holds_on_the_other_node_as_soon_as_it_hears_of_it() {
        assertThat(there.queue(MAIL)).isNull();
        here.put(MAIL, "a");
        assertThat(here.queue(MAIL)).isEqualTo("a");
        there.hears();
        assertThat(there.queue(MAIL)).isEqualTo("a");
    }

    @Test
    void a_change_is_notified_and_what_changes_nothing_is_not() throws Exception {
        try (var connection = postgres.owner().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("listen runledger_definition");
            var notifications = connection.unwrap(org.postgresql.PGConnection.class);
            here.put(MAIL, "a");
            assertThat(notifications.getNotifications(5_000)).hasSize(1);
            here.put(MAIL, "a");
            here.definitions.delete("p", MAIL, null, "key:ci");
            assertThat(notifications.getNotifications(5_000)).hasSize(1);
        }
    }

    @Test
    void a_create_without_a_definition_asks_nothing_and_one_with_a_definition_once() {
        here.put(MAIL, "a");
        here.queue(MAIL);

        assertThat(here.countedStatements(() -> here.queue(OTHER))).isZero();
        assertThat(here.countedStatements(() -> here.queue(MAIL))).isEqualTo(1);
        there.put(MAIL, "b");
        assertThat(here.countedStatements(() -> here.queue(MAIL))).isEqualTo(1);
        assertThat(here.queue(MAIL)).isEqualTo("b");
    }

    @Test
    void another_project_has_definitions_of_its_own() {
        here.put(MAIL, "a");
        assertThat(here.definitions.of("other", MAIL)).isNull();
        assertRefused(ProblemCode.NOT_FOUND, () -> here.definitions.delete("other", MAIL, null, "key:ci"));
        assertThat(here.definitions.put("other", MAIL, queued("theirs"), null, "key:ci"))
                .isTrue();
        assertThat(here.queue(MAIL)).isEqualTo("a");
    }

    @Test
    void a_change_may_be_meant_for_one_version_only() {
        assertRefused(ProblemCode.VERSION_MISMATCH, () -> here.definitions.put("p", MAIL, queued("a"), 1L, "key:ci"));
        here.put(MAIL, "a");
        here.definitions.put("p", MAIL, queued("b"), 1L, "key:ci");
        assertRefused(ProblemCode.VERSION_MISMATCH, () -> here.definitions.put("p", MAIL, queued("c"), 1L, "key:ci"));
        assertRefused(ProblemCode.VERSION_MISMATCH, () -> here.definitions.delete("p", MAIL, 1L, "key:ci"));
        assertThat(here.queue(MAIL)).isEqualTo("b");
        here.definitions.delete("p", MAIL, 2L, "key:ci");
        assertRefused(ProblemCode.NOT_FOUND, () -> here.definitions.delete("p", MAIL, null, "key:ci"));
        // A deletion is a version, but not one that a definition has.
        assertRefused(ProblemCode.VERSION_MISMATCH, () -> here.definitions.put("p", MAIL, queued("c"), 3L, "key:ci"));
    }

    @Test
    void a_project_has_no_more_definitions_than_it_may() {
        for (String name : List.of("a", "b", "c")) {
            here.put(Target.of("task:" + name), "q");
        }
        assertRefused(ProblemCode.CONFLICT, () -> here.put(MAIL, "q"));
        here.put(Target.of("task:a"), "changed");
        here.definitions.delete("p", Target.of("task:b"), null, "key:ci");
        assertThat(here.put(MAIL, "q")).isTrue();
    }

    @Test
    void a_schema_that_cannot_be_used_changes_nothing() {
        here.put(MAIL, "a");
        Definition broken = new Definition(new Json("{\"type\":1}"), List.of(), RunDefaults.NONE, null, null);
        assertRefused(ProblemCode.BAD_REQUEST, () -> here.definitions.put("p", MAIL, broken, null, "key:ci"));
        assertThat(here.version(MAIL)).isEqualTo(1);
    }

    @Test
    void of_changes_that_race_each_is_a_version_or_is_told() throws Exception {
        here.put(MAIL, "first");
        List<Future<Boolean>> puts = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 40; i++) {
                Node node = i % 2 == 0 ? here : there;
                String queue = "q" + i;
                puts.add(threads.submit(() -> {
                    try {
                        node.put(MAIL, queue);
                        return true;
                    } catch (Problem told) {
                        assertThat(told.code()).isEqualTo(ProblemCode.CONFLICT);
                        return false;
                    }
                }));
            }
        }
        int written = 0;
        for (Future<Boolean> put : puts) {
            written += put.get() ? 1 : 0;
        }
        assertThat(here.version(MAIL)).isEqualTo(1 + written);
        assertThat(here.queue(MAIL)).isEqualTo(there.queue(MAIL));
    }
}

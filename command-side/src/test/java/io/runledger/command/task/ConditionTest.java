package io.runledger.command.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.api.FailurePolicy;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.RunStatus;
import io.runledger.api.Target;
import io.runledger.api.TaskPlan;
import io.runledger.command.store.TaskDirectory.Done;
import io.runledger.command.store.TaskDirectory.PlannedRun;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What conditions may say, what they come to, and that none takes the ledger's time. */
class ConditionTest {

    static final TaskSettings SETTINGS = new TaskSettings(1_000, 200, 100, 10_000, 10_000, 4, Duration.ofMillis(50));

    private static final RunId RUN = RunId.of("01KGA0C8G0000000000000000A");

    private static final TaskFacts FACTS = new TaskFacts(
            new PlannedRun(
                    new RunCreated(
                            RUN,
                            "default",
                            Target.of("workflow:film"),
                            RunMode.ASYNC,
                            null,
                            null,
                            null,
                            new Json("{\"height\":720}"),
                            Map.of("team", "web"),
                            null,
                            null,
                            "default",
                            0,
                            1,
                            null,
                            null,
                            null,
                            new TaskPlan(FailurePolicy.FAIL_FAST, List.of()),
                            null),
                    "key:ci",
                    "req-1",
                    new Json(
                            "{\"media\":\"video\",\"size\":12345678901234567890,\"ratio\":1.5,\"big\":9007199254740993,"
                                    + "\"none\":null,\"langs\":[\"de\",\"fr\"],\"yes\":true}")),
            Map.of("fetch", new Done(RUN, RunStatus.SUCCEEDED), "a-b", new Done(RUN, RunStatus.PARTIALLY_SUCCEEDED)),
            Map.of("fetch", new Json("{\"frames\":24}"), "a-b", Json.NULL));

    private static boolean holds(String condition) {
        assertThat(Condition.errors(condition, SETTINGS)).isEmpty();
        return Condition.of(condition, SETTINGS).holds(FACTS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "run.input.media == 'video'          | true",
                "run.input['media'] == 'audio'       | false",
                "run.input.yes                       | true",
                "run.input.big == 9007199254740993   | true",
                "run.input.big == 9007199254740992   | false",
                "run.input.size > 1                  | true",
                "run.input.ratio > 1                 | true",
                "run.input.none == null              | true",
                "has(run.input.absent)               | false",
                "'fr' in run.input.langs             | true",
                "run.input.langs.exists(l, l == 'de') | true",
                "run.config.height >= 720 && run.labels.team == 'web' | true",
                "tasks.fetch.output.frames == 24     | true",
                "tasks.fetch.status == 'succeeded'   | true",
                "tasks['a-b'].status == 'partially_succeeded' | true",
                "tasks['a-b'].output == null         | true",
                "run.input.media.matches('^vid')     | true",
            })
    void a_condition_holds_or_does_not(String condition, boolean expected) {
        assertThat(holds(condition)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run.input.media ==",
                "run.input.media = 'video'",
                "1 + 1",
                "'text'",
                "nothing.at == 1",
                "run == {}",
                "run.inptu.media == 'video'",
                "run[run.labels.team] == 1",
                "tasks.fetch",
                "tasks.fetch.outptu == 1",
                "tasks.exists(k, true)",
                "tasks[run.labels.team].output == 1",
                "size(tasks) == 1",
                "1 < 'a'",
            })
    void what_is_no_condition_is_told_at_once(String condition) {
        assertThat(Condition.errors(condition, SETTINGS)).isNotEmpty();
    }

    @Test
    void a_condition_names_its_tasks() {
        assertThat(Condition.tasksIn("tasks.fetch.output.x == tasks['a-b'].status && run.input.yes"))
                .containsExactly("a-b", "fetch");
        assertThat(Condition.tasksIn("no condition at all ==")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run.input.absent == 1",
                "run.input.media > 3",
                "run.input.media",
                "tasks.fetch.output.x",
                "1 / 0 == 1"
            })
    void what_cannot_be_judged_is_a_problem(String condition) {
        assertThat(Condition.errors(condition, SETTINGS)).isEmpty();
        Condition ready = Condition.of(condition, SETTINGS);
        assertThatThrownBy(() -> ready.holds(FACTS)).isInstanceOf(Problem.class);
    }

    @Test
    void a_condition_is_limited_in_size_depth_and_steps() {
        assertThat(Condition.errors("true || ".repeat(25) + "true", SETTINGS))
                .singleElement()
                .asString()
                .contains("200");
        assertThat(Condition.errors("(".repeat(90) + "true" + ")".repeat(90), SETTINGS))
                .isNotEmpty();
        String loops = "[1,2,3,4,5,6].all(a, [1,2,3,4,5,6].all(b, [1,2,3,4,5,6].all(c, a + b + c > 0)))";
        assertThat(Condition.errors(loops, SETTINGS)).isEmpty();
        Condition ready = Condition.of(loops, SETTINGS);
        assertThatThrownBy(() -> ready.holds(FACTS)).isInstanceOf(Problem.class);
        assertThat(holds("[1,2,3].all(a, a > 0)")).isTrue();
    }

    @Test
    void the_size_that_is_allowed_is_a_setting() {
        TaskSettings more = new TaskSettings(1, 1_000, 1_000, 1, 1, 1, Duration.ofMillis(1));
        assertThat(Condition.errors("true || ".repeat(25) + "true", more)).isEmpty();
    }
}

package io.runledger.query.run;

import static io.runledger.query.Recorded.START;
import static io.runledger.query.Recorded.created;
import static io.runledger.query.Recorded.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.api.Artifact;
import io.runledger.api.FieldError;
import io.runledger.api.ItemResult;
import io.runledger.api.Json;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunStatus;
import io.runledger.api.RunView;
import io.runledger.query.Recorded;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunFoldTest {

    private static final RunError ERROR = new RunError("boom", "it broke", true, new Json("{\"n\":1}"));

    @Test
    void a_created_run_shows_what_was_asked_for() {
        RunView run = fold(run(1).then(created(1, "nightly", new Json("{\"b\":1,\"a\":2.50}"), Map.of("team", "x"))));

        assertThat(run.status()).isEqualTo(RunStatus.CREATED);
        assertThat(run.name()).isEqualTo("nightly");
        assertThat(run.target()).hasToString("task:build");
        assertThat(run.kind()).isEqualTo("task");
        assertThat(run.input()).isEqualTo(new Json("{\"b\":1,\"a\":2.50}"));
        assertThat(run.labels()).containsExactly(Map.entry("team", "x"));
        assertThat(run.createdBy()).isEqualTo("tester");
        assertThat(run.createdAt()).isEqualTo(START);
        assertThat(run.updatedAt()).isEqualTo(START);
        assertThat(run.items()).isNull();
        assertThat(run.artifacts()).isEmpty();
        assertThat(run.version()).isZero();
        assertThat(run.position()).isEqualTo(100);
        assertThat(run.links()).containsEntry("events", "/v1/runs/" + run.id() + "/events");
    }

    @Test
    void times_follow_what_happened_and_the_row_follows_the_record() {
        Instant queued = START.minusSeconds(300);
        Instant started = START.minusSeconds(200);
        Instant done = START.minusSeconds(50);
        RunView run = fold(run(1).then(created(1), START.minusSeconds(400), START)
                .then(new RunQueued(), queued, START.plusSeconds(1))
                .then(new RunStarted(1, "w", null), started, START.plusSeconds(2))
                .then(new RunSucceeded(null, 0), done, START.plusSeconds(3)));

        assertThat(run.createdAt()).isEqualTo(START);
        assertThat(run.queuedAt()).isEqualTo(queued);
        assertThat(run.startedAt()).isEqualTo(started);
        assertThat(run.finishedAt()).isEqualTo(done);
        assertThat(run.durationMs()).isEqualTo(150_000);
        assertThat(run.updatedAt()).isEqualTo(START.plusSeconds(3));
    }

    @Test
    void a_lease_ends_with_the_attempt() {
        Recorded history = run(1).then(created(1), new RunQueued(), new RunStarted(1, "w", 30));
        assertThat(fold(history).leaseExpiresAt()).isEqualTo(START.plusSeconds(2 + 30));
        assertThat(fold(history.then(new RunFinishing("packing"))).leaseExpiresAt())
                .isNotNull();

        RunView stopped = fold(history.then(new RunStopped(RunStatus.FINISHING, "lunch")));
        assertThat(stopped.leaseExpiresAt()).isNull();
        assertThat(stopped.worker()).isEqualTo("w");
        assertThat(stopped.statusReason()).isEqualTo("lunch");
        assertThat(stopped.finishedAt()).isNull();
    }

    @Test
    void the_error_of_a_failed_attempt_is_shown_until_the_next_start() {
        Recorded history = run(1).then(
                        created(1),
                        new RunQueued(),
                        new RunStarted(1, null, null),
                        new RunAttemptFailed(1, ERROR, 3),
                        new RunScheduled(START.plusSeconds(60)));
        RunView waiting = fold(history);
        assertThat(waiting.error()).isEqualTo(ERROR);
        assertThat(waiting.exitCode()).isEqualTo(3);
        assertThat(waiting.runAt()).isEqualTo(START.plusSeconds(60));

        RunView again = fold(history.then(new RunQueued(), new RunStarted(2, null, null)));
        assertThat(again.error()).isNull();
        assertThat(again.exitCode()).isNull();
        assertThat(again.attempt()).isEqualTo(2);
    }

    @Test
    void a_resumed_run_forgets_how_it_ended_but_not_how_far_it_was() {
        RunView run = fold(run(1).then(
                        created(1, null, new Json("1"), null),
                        new RunQueued(),
                        new RunStarted(1, null, null),
                        new RunProgressed(40.0, "almost"),
                        new RunCheckpointed(new Json("{\"at\":7}")),
                        new RunPartiallySucceeded(new Json("\"half\""), 1),
                        new RunResumed("go on", new Json("2")),
                        new RunQueued()));

        assertThat(run.status()).isEqualTo(RunStatus.QUEUED);
        assertThat(run.output()).isNull();
        assertThat(run.input()).isEqualTo(new Json("2"));
        assertThat(run.exitCode()).isNull();
        assertThat(run.finishedAt()).isNull();
        assertThat(run.durationMs()).isNull();
        assertThat(run.progress()).isEqualTo(new RunView.Progress(40.0, "almost"));
        assertThat(run.checkpoint()).isEqualTo(new Json("{\"at\":7}"));
    }

    @Test
    void a_run_is_blocked_on_something_only_while_it_is_blocked() {
        Recorded history = run(1).then(created(1), new RunBlocked("run:x"));
        assertThat(fold(history).blockedOn()).isEqualTo("run:x");
        assertThat(fold(history.then(new RunQueued())).blockedOn()).isNull();
    }

    @Test
    void a_later_artifact_of_the_same_name_replaces_the_earlier() {
        Artifact log = new Artifact("log", null, null, 1L, null);
        Artifact image = new Artifact("image", "image/png", "https://x/y", null, null);
        Artifact longer = new Artifact("log", null, null, 2L, null);
        RunView run = fold(run(1).then(
                        created(1),
                        new RunQueued(),
                        new RunStarted(1, null, null),
                        new RunArtifactAdded(log),
                        new RunArtifactAdded(image),
                        new RunArtifactAdded(longer)));
        assertThat(run.artifacts()).containsExactly(longer, image);
    }

    @Test
    void items_are_counted_and_failed_ones_wait_again_after_a_resume() {
        Recorded history = run(1).then(
                        created(1),
                        new RunItemsAdded(0, List.of(Json.NULL, Json.NULL)),
                        new RunItemsAdded(2, List.of(Json.NULL)),
                        new RunQueued(),
                        new RunStarted(1, null, null),
                        new RunItemsRecorded(
                                List.of(new ItemResult(0, Json.NULL, null), new ItemResult(1, null, ERROR))));
        assertThat(fold(history).items()).isEqualTo(new RunView.Items(3, 1, 0, 1, 1, 0));
        assertThat(fold(history.then(new RunStopped(RunStatus.RUNNING, null), new RunResumed(null, null)))
                        .items())
                .isEqualTo(new RunView.Items(3, 2, 0, 1, 0, 0));
    }

    @Test
    void an_invalid_run_says_what_is_wrong() {
        RunView run = fold(run(1).then(
                        created(1),
                        new RunValidating(),
                        new RunInvalidated(List.of(new FieldError("/input/a", "is missing")))));
        assertThat(run.status()).isEqualTo(RunStatus.INVALID);
        assertThat(run.error())
                .isEqualTo(new RunError(
                        "invalid_input",
                        "/input/a: is missing",
                        false,
                        new Json("[{\"pointer\":\"/input/a\",\"detail\":\"is missing\"}]")));
        assertThat(run.finishedAt()).isNotNull();
        assertThat(run.durationMs()).isNull();
    }

    @Test
    void an_event_that_comes_twice_changes_nothing() {
        Recorded history = run(1).then(created(1), new RunItemsAdded(0, List.of(Json.NULL)), new RunQueued());
        RunRow row = new RunRow(history.events().getFirst().runId());
        history.events().forEach(event -> RunFold.apply(row, event));
        history.events().forEach(event -> RunFold.apply(row, event));
        assertThat(RunPresenter.view(row)).isEqualTo(fold(history));
    }

    @Test
    void a_missing_event_is_an_error() {
        Recorded history = run(1).then(created(1), new RunQueued(), new RunStarted(1, null, null));
        RunRow row = new RunRow(history.events().getFirst().runId());
        RunFold.apply(row, history.events().get(0));
        assertThatThrownBy(() -> RunFold.apply(row, history.events().get(2))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void text_that_no_column_can_hold_is_made_plain() {
        RunView run = fold(run(1).then(
                        created(1, "a\0b", null, Map.of("l", "x\ud800y")),
                        new RunCancelled("because \uD83D\uDE00 of \udc00")));
        assertThat(run.name()).isEqualTo("a\uFFFDb");
        assertThat(run.labels()).containsEntry("l", "x\uFFFDy");
        assertThat(run.statusReason()).isEqualTo("because \uD83D\uDE00 of \uFFFD");
    }

    private static RunView fold(Recorded history) {
        RunRow row = new RunRow(history.events().getFirst().runId());
        history.events().forEach(event -> RunFold.apply(row, event));
        return RunPresenter.view(row);
    }
}

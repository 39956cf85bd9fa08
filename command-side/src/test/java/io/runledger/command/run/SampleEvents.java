package io.runledger.command.run;

import io.runledger.api.Artifact;
import io.runledger.api.Backoff;
import io.runledger.api.Concurrency;
import io.runledger.api.FailurePolicy;
import io.runledger.api.FieldError;
import io.runledger.api.ItemResult;
import io.runledger.api.Json;
import io.runledger.api.Parent;
import io.runledger.api.PlannedTask;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.RunStatus;
import io.runledger.api.SkipReason;
import io.runledger.api.Target;
import io.runledger.api.TaskPlan;
import io.runledger.api.Terms;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One event of every type, with every optional field set, and with the JSON that is easiest to spoil. */
public final class SampleEvents {

    /** Numbers beyond double and long, trailing zeros, members out of order, escapes that UTF-8 cannot replace. */
    public static final Json HARD = new Json(
            "{\"z\":18446744073709551616,\"a\":1.10,\"m\":1e400,\"e\":-0.0,\"n\":null,\"nested\":[[],{},[null]],"
                    + "\"lone\":\"\\ud800\",\"nul\":\"\\u0000\",\"text\":\"\\\"\\\\\\n é 🏠\",\"pi\":"
                    + "3.14159265358979323846264338327950288419716939937510}");

    private static final RunError ERROR = new RunError("http_503", "upstream is away – \"later\"", true, HARD);
    private static final Artifact ARTIFACT = new Artifact(
            "report.pdf", "application/pdf", "https://files.example/r.pdf", 9_007_199_254_740_993L, "ab".repeat(32));

    private SampleEvents() {}

    /** One of every type. */
    public static List<RunEvent> all() {
        return List.of(
                created(),
                new RunItemsAdded(100, List.of(HARD, new Json("1"), Json.NULL)),
                new RunValidating(),
                new RunInvalidated(List.of(new FieldError("/inputs/3/name", "is required"))),
                new RunScheduled(Instant.parse("2026-01-31T12:00:00.123456Z")),
                new RunBlocked("run:01KGA0C8G0000000000000000B"),
                new RunQueued(),
                new RunStarted(2, "worker-7", 30),
                new RunProgressed(99.5, "nearly"),
                new RunCheckpointed(HARD),
                new RunNoted("agent.message", HARD),
                new RunArtifactAdded(ARTIFACT),
                new RunItemsRecorded(List.of(new ItemResult(0, HARD, null), new ItemResult(1, null, ERROR))),
                new RunTasksQueued(List.of(new QueuedTask("film", RunId.of("01KGA0C8G0000000000000000F")))),
                new RunTaskStarted("film", RunId.of("01KGA0C8G0000000000000000F")),
                new RunTaskEnded("film", RunId.of("01KGA0C8G0000000000000000F"), RunStatus.FAILED, ERROR, 7L),
                new RunTasksSkipped(List.of(new SkippedTask("speech", SkipReason.CONDITION))),
                new RunFinishing("putting results together"),
                new RunSucceeded(HARD, 0),
                new RunPartiallySucceeded(HARD, 3),
                new RunAttemptFailed(2, ERROR, 137),
                new RunFailed(ERROR, -1),
                new RunStopped(RunStatus.RUNNING, "lunch"),
                new RunResumed("back", HARD),
                new RunCancelled("no need"),
                new RunSkipped("parent failed"));
    }

    private static RunCreated created() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("team", "billing");
        labels.put("a/b~c", "é 🏠");
        return new RunCreated(
                RunId.of("01KGA0C8G0000000000000000A"),
                "default",
                Target.of("process:receipt"),
                RunMode.SCHEDULED,
                "case-7",
                "Zoë’s permit",
                HARD,
                HARD,
                labels,
                HARD,
                "production",
                "slow",
                -5,
                3,
                new Backoff(Duration.ofSeconds(30), 1.5, Duration.ofHours(1)),
                new Terms(
                        Duration.ofMinutes(5),
                        Instant.parse("2026-02-01T00:00:00.123456Z"),
                        new Concurrency("tenant-7", 3),
                        List.of(RunId.of("01KGA0C8G0000000000000000B"))),
                RunId.of("01KGA0C8G0000000000000000C"),
                new TaskPlan(FailurePolicy.FAIL_FAST, List.of(plannedTask())),
                new Parent(
                        RunId.of("01KGA0C8G0000000000000000D"), RunId.of("01KGA0C8G0000000000000000E"), "thumbnails"));
    }

    private static PlannedTask plannedTask() {
        return new PlannedTask(
                "film",
                Target.of("task:video"),
                "Zoë’s film",
                HARD,
                HARD,
                Map.of("team", "billing"),
                HARD,
                List.of("ingest"),
                "run.input.media == 'video'",
                true,
                "slow",
                7,
                3,
                new Backoff(Duration.ofSeconds(30), 1.5, Duration.ofHours(1)),
                Duration.ofMinutes(5),
                Duration.ofHours(2),
                new Concurrency("gpu", 2),
                RunId.of("01KGA0C8G0000000000000000F"));
    }
}

package io.runledger.command.run;

import static io.runledger.api.RunStatus.BLOCKED;
import static io.runledger.api.RunStatus.CANCELLED;
import static io.runledger.api.RunStatus.CREATED;
import static io.runledger.api.RunStatus.FAILED;
import static io.runledger.api.RunStatus.FINISHING;
import static io.runledger.api.RunStatus.INVALID;
import static io.runledger.api.RunStatus.PARTIALLY_SUCCEEDED;
import static io.runledger.api.RunStatus.QUEUED;
import static io.runledger.api.RunStatus.RUNNING;
import static io.runledger.api.RunStatus.SCHEDULED;
import static io.runledger.api.RunStatus.SKIPPED;
import static io.runledger.api.RunStatus.STOPPED;
import static io.runledger.api.RunStatus.SUCCEEDED;
import static io.runledger.api.RunStatus.VALIDATING;

import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunStatus;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Every legal move of a run, one row per command. A move that is not listed is refused. The decider reads {@code from},
 * folding reads {@link #statusAfter}; the lifecycle diagram and a refusal's list of allowed commands come from here too.
 */
public enum RunTransition {
    CREATE(true, in(), then(CREATED)),
    TAKE_IN_ITEMS(false, in(CREATED), then(CREATED)),
    VALIDATE(false, in(CREATED), then(VALIDATING)),
    INVALIDATE(false, in(CREATED, VALIDATING), then(INVALID)),
    SCHEDULE(false, in(CREATED, VALIDATING, STOPPED, RUNNING, FINISHING, FAILED, PARTIALLY_SUCCEEDED), then(SCHEDULED)),
    BLOCK(false, in(CREATED, VALIDATING, SCHEDULED, BLOCKED, STOPPED, FAILED, PARTIALLY_SUCCEEDED), then(BLOCKED)),
    QUEUE(
            false,
            in(CREATED, VALIDATING, SCHEDULED, BLOCKED, STOPPED, RUNNING, FINISHING, FAILED, PARTIALLY_SUCCEEDED),
            then(QUEUED)),
    START(true, in(QUEUED), then(RUNNING)),
    PROGRESS(true, in(RUNNING, FINISHING), then()),
    CHECKPOINT(true, in(RUNNING, FINISHING), then()),
    NOTE(true, in(RUNNING, FINISHING), then()),
    ADD_ARTIFACT(true, in(RUNNING, FINISHING), then()),
    RECORD_ITEMS(false, in(RUNNING, FINISHING), then()),
    RECORD_TASKS(false, in(QUEUED, RUNNING, STOPPED), then()),
    COMPLETE_TASKS(false, in(FINISHING), then(SUCCEEDED, PARTIALLY_SUCCEEDED)),
    FINISH(true, in(RUNNING), then(FINISHING)),
    COMPLETE(true, in(RUNNING, FINISHING), then(SUCCEEDED, PARTIALLY_SUCCEEDED)),
    FAIL(true, in(RUNNING, FINISHING), then(FAILED, QUEUED, SCHEDULED)),
    EXPIRE_LEASE(false, in(RUNNING, FINISHING), then(FAILED, QUEUED, SCHEDULED)),
    TIME_OUT(false, in(RUNNING, FINISHING), then(FAILED, QUEUED, SCHEDULED)),
    EXPIRE(false, in(CREATED, SCHEDULED, BLOCKED, QUEUED), then(INVALID, FAILED)),
    STOP(true, in(CREATED, VALIDATING, SCHEDULED, BLOCKED, QUEUED, RUNNING), then(STOPPED)),
    RESUME(true, in(STOPPED, FAILED, PARTIALLY_SUCCEEDED), then(QUEUED, BLOCKED, SCHEDULED)),
    CANCEL(true, in(CREATED, VALIDATING, SCHEDULED, BLOCKED, QUEUED, RUNNING, STOPPED, FINISHING), then(CANCELLED)),
    SKIP(false, in(BLOCKED), then(SKIPPED));

    private final boolean command;
    private final Set<RunStatus> from;
    private final Set<RunStatus> to;

    RunTransition(boolean command, Set<RunStatus> from, Set<RunStatus> to) {
        this.command = command;
        this.from = from;
        this.to = to;
    }

    /** The statuses in which this is allowed; empty for {@link #CREATE}, which starts from nothing. */
    public Set<RunStatus> from() {
        return from;
    }

    /** The statuses in which a run may be afterwards; empty when it stays as it is. */
    public Set<RunStatus> to() {
        return to;
    }

    /** Whether callers may ask for it; the others are the ledger's own doing. */
    public boolean isCommand() {
        return command;
    }

    /** The lower snake case name, as in the API. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The commands that a caller may give in this status, in table order. */
    public static List<String> allowedIn(RunStatus status) {
        return commandsIn(status).stream().map(RunTransition::wireName).toList();
    }

    static List<RunTransition> commandsIn(RunStatus status) {
        return Stream.of(values())
                .filter(row -> row.command && row.from.contains(status))
                .toList();
    }

    /** The status that an event leads to; null when the run stays as it is. */
    static @Nullable RunStatus statusAfter(RunEvent event) {
        return switch (event) {
            case RunCreated _ -> CREATED;
            case RunValidating _ -> VALIDATING;
            case RunInvalidated _ -> INVALID;
            case RunScheduled _ -> SCHEDULED;
            case RunBlocked _ -> BLOCKED;
            case RunQueued _ -> QUEUED;
            case RunStarted _ -> RUNNING;
            case RunFinishing _ -> FINISHING;
            case RunSucceeded _ -> SUCCEEDED;
            case RunPartiallySucceeded _ -> PARTIALLY_SUCCEEDED;
            case RunFailed _ -> FAILED;
            case RunStopped _ -> STOPPED;
            case RunCancelled _ -> CANCELLED;
            case RunSkipped _ -> SKIPPED;
            case RunItemsAdded _,
                    RunProgressed _,
                    RunCheckpointed _,
                    RunNoted _,
                    RunArtifactAdded _,
                    RunItemsRecorded _,
                    RunTasksQueued _,
                    RunTaskStarted _,
                    RunTaskEnded _,
                    RunTasksSkipped _,
                    RunAttemptFailed _,
                    RunResumed _ -> null;
        };
    }

    private static Set<RunStatus> in(RunStatus... statuses) {
        return set(statuses);
    }

    private static Set<RunStatus> then(RunStatus... statuses) {
        return set(statuses);
    }

    // An EnumSet keeps the order of the declaration, which the diagram and its test rely on.
    private static Set<RunStatus> set(RunStatus... statuses) {
        Set<RunStatus> set = EnumSet.noneOf(RunStatus.class);
        Collections.addAll(set, statuses);
        return Collections.unmodifiableSet(set);
    }
}

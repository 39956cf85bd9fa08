package io.runledger.command.run;

import io.runledger.api.Backoff;
import io.runledger.api.Json;
import io.runledger.api.Parent;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunStatus;
import io.runledger.api.Terms;
import io.runledger.command.workflow.TaskStates;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the rules need to remember about a run, and nothing else. Folded in place: copying it per event would make a
 * replay quadratic. It never judges; what is in the store has happened.
 */
final class RunState {

    /** What {@code blocked_on} begins with when a run waits for another run, and when it waits for a slot. */
    static final String A_RUN = "run:";

    static final String A_SLOT = "concurrency:";

    private @Nullable String project;
    private RunStatus status = RunStatus.CREATED;
    private long version = -1;
    private int attempt;
    private int maxAttempts = 1;
    private @Nullable Backoff backoff;
    private Terms terms = Terms.NONE;
    private String queue = "";
    private String target = "";
    private int priority;
    private @Nullable String blockedOn;
    private long startedBy = -1;
    private boolean watched;
    private @Nullable Long lease;
    private @Nullable UUID resumedWith;
    private final BatchState batch = new BatchState();
    private @Nullable TaskStates tasks;
    private @Nullable Parent parent;
    private @Nullable Ending lastEnding;

    /** How an attempt ended, small enough to keep: a report that says the same again is a repeat. */
    record Ending(@Nullable Long lease, UUID digest) {

        static Ending success(@Nullable Long lease, @Nullable Json output, @Nullable Integer exitCode) {
            return of(lease, "success " + exitCode + " " + output);
        }

        static Ending failure(@Nullable Long lease, RunError error, @Nullable Integer exitCode) {
            return of(lease, "failure " + exitCode + " " + error);
        }

        private static Ending of(@Nullable Long lease, String content) {
            return new Ending(lease, digestOf(content));
        }
    }

    void evolve(RunEvent event) {
        version++;
        if (tasks != null) {
            tasks.evolve(event, status);
        }
        RunStatus next = RunTransition.statusAfter(event);
        if (next != null) {
            status = next;
            blockedOn = null;
            // A run that is finishing is watched as it was while it was running.
            watched = next == RunStatus.FINISHING ? watched : RunWork.isWatched(next, event, terms, tasks != null);
        }
        switch (event) {
            case RunCreated created -> create(created);
            case RunStarted started -> {
                attempt = started.attempt();
                startedBy = version;
                lease = started.leaseSeconds() == null ? null : version;
                resumedWith = null;
                lastEnding = null;
            }
            case RunItemsAdded added -> batch.add(added);
            case RunItemsRecorded recorded -> batch.record(recorded);
            case RunSucceeded done -> end(Ending.success(lease, done.output(), done.exitCode()));
            case RunPartiallySucceeded done -> end(Ending.success(lease, done.output(), done.exitCode()));
            case RunFailed failed -> end(Ending.failure(lease, failed.error(), failed.exitCode()));
            case RunAttemptFailed failed -> end(Ending.failure(lease, failed.error(), failed.exitCode()));
            case RunBlocked blocked -> {
                blockedOn = blocked.blockedOn();
                batch.close();
            }
            case RunQueued _, RunScheduled _ -> batch.close();
            case RunStopped _, RunCancelled _ -> lease = null;
            case RunResumed resume -> {
                resumedWith = digestOf(String.valueOf(resume.input()));
                batch.retryFailed();
            }
            case RunValidating _,
                    RunInvalidated _,
                    RunProgressed _,
                    RunCheckpointed _,
                    RunNoted _,
                    RunArtifactAdded _,
                    RunTasksQueued _,
                    RunTaskStarted _,
                    RunTaskEnded _,
                    RunTasksSkipped _,
                    RunFinishing _,
                    RunSkipped _ -> {}
        }
    }

    private void create(RunCreated created) {
        project = created.project();
        maxAttempts = created.maxAttempts();
        backoff = created.backoff();
        terms = created.terms() == null ? Terms.NONE : created.terms();
        queue = created.queue();
        target = created.target().toString();
        priority = created.priority();
        tasks = created.tasks() == null ? null : TaskStates.of(created.tasks());
        parent = created.parent();
        if (parent != null) {
            // The run of a task may be withheld before it was ever queued; nothing of it is still to come.
            batch.close();
        }
    }

    private static UUID digestOf(String content) {
        return UUID.nameUUIDFromBytes(content.getBytes(StandardCharsets.UTF_8));
    }

    private void end(Ending ending) {
        lastEnding = ending;
        lease = null;
    }

    boolean exists() {
        return version >= 0;
    }

    /** The project; empty before the first event. */
    String project() {
        return project == null ? "" : project;
    }

    boolean belongsTo(String otherProject) {
        return otherProject.equals(project);
    }

    RunStatus status() {
        return status;
    }

    /** The sequence number of the last event; -1 before the first. */
    long version() {
        return version;
    }

    int attempt() {
        return attempt;
    }

    boolean hasAttemptsLeft() {
        return attempt < maxAttempts;
    }

    @Nullable
    Backoff backoff() {
        return backoff;
    }

    Terms terms() {
        return terms;
    }

    String queue() {
        return queue;
    }

    String target() {
        return target;
    }

    int priority() {
        return priority;
    }

    /** Whether the run is blocked on other runs; blocked runs that are not wait for a slot. */
    boolean awaitsRuns() {
        return blockedOn != null && blockedOn.startsWith(A_RUN);
    }

    /** The sequence number of the event that began the last attempt; -1 before the first. */
    long startedBy() {
        return startedBy;
    }

    /** Whether the table of work has a row of this run; see {@link RunWork}. */
    boolean isWatched() {
        return watched;
    }

    /** The fencing token of the attempt under way; null when it is not leased. */
    @Nullable
    Long lease() {
        return lease;
    }

    /** Whether the run was resumed, with just this input, and has not been started since. */
    boolean isResumedWith(@Nullable Json input) {
        return digestOf(String.valueOf(input)).equals(resumedWith);
    }

    boolean hasPartialSuccess() {
        return batch.succeeded() > 0 && batch.failed() > 0;
    }

    /** How it stands with the run's items; empty for a run that has none. */
    BatchState batch() {
        return batch;
    }

    /** How it stands with the run's tasks; null for a run that is not made of tasks. */
    @Nullable
    TaskStates tasks() {
        return tasks;
    }

    /** Whose task the run is; null when it is none. */
    @Nullable
    Parent parent() {
        return parent;
    }

    /** Whether the last attempt ended in just this way. */
    boolean endedWith(Ending ending) {
        return ending.equals(lastEnding);
    }
}

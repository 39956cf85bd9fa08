package io.runledger.command.store;

import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The names under which events are stored, for ever, and the version that is written today. A class may be renamed or
 * moved; a name here may not. An older version is read through an upcaster.
 */
public enum EventType {
    CREATED("run.created", 3, RunCreated.class),
    ITEMS_ADDED("run.items_added", 1, RunItemsAdded.class),
    VALIDATING("run.validating", 1, RunValidating.class),
    INVALIDATED("run.invalidated", 1, RunInvalidated.class),
    SCHEDULED("run.scheduled", 1, RunScheduled.class),
    BLOCKED("run.blocked", 1, RunBlocked.class),
    QUEUED("run.queued", 1, RunQueued.class),
    STARTED("run.started", 1, RunStarted.class),
    PROGRESSED("run.progressed", 1, RunProgressed.class),
    CHECKPOINTED("run.checkpointed", 1, RunCheckpointed.class),
    NOTED("run.noted", 1, RunNoted.class),
    ARTIFACT_ADDED("run.artifact_added", 1, RunArtifactAdded.class),
    ITEMS_RECORDED("run.items_recorded", 1, RunItemsRecorded.class),
    TASKS_QUEUED("run.tasks_queued", 1, RunTasksQueued.class),
    TASK_STARTED("run.task_started", 1, RunTaskStarted.class),
    TASK_ENDED("run.task_ended", 1, RunTaskEnded.class),
    TASKS_SKIPPED("run.tasks_skipped", 1, RunTasksSkipped.class),
    FINISHING("run.finishing", 1, RunFinishing.class),
    SUCCEEDED("run.succeeded", 1, RunSucceeded.class),
    PARTIALLY_SUCCEEDED("run.partially_succeeded", 1, RunPartiallySucceeded.class),
    ATTEMPT_FAILED("run.attempt_failed", 1, RunAttemptFailed.class),
    FAILED("run.failed", 1, RunFailed.class),
    STOPPED("run.stopped", 1, RunStopped.class),
    RESUMED("run.resumed", 1, RunResumed.class),
    CANCELLED("run.cancelled", 1, RunCancelled.class),
    SKIPPED("run.skipped", 1, RunSkipped.class);

    private static final Map<String, EventType> BY_NAME =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(EventType::storedName, Function.identity()));
    private static final Map<Class<?>, EventType> BY_CLASS =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(EventType::eventClass, Function.identity()));

    private final String storedName;
    private final int version;
    private final Class<? extends RunEvent> eventClass;

    EventType(String storedName, int version, Class<? extends RunEvent> eventClass) {
        this.storedName = storedName;
        this.version = version;
        this.eventClass = eventClass;
    }

    /** The name in the store and in the API. */
    public String storedName() {
        return storedName;
    }

    /** The payload's version as it is written today. */
    public int version() {
        return version;
    }

    /** The class that today's version is read into. */
    public Class<? extends RunEvent> eventClass() {
        return eventClass;
    }

    /** The type of this name; null when this version of the ledger cannot read it: a newer one wrote it. */
    static @Nullable EventType readable(String storedName, String version) {
        EventType type = BY_NAME.get(storedName);
        return type == null || Integer.parseInt(version) > type.version ? null : type;
    }

    static @Nullable EventType of(@Nullable Class<?> type) {
        return type == null ? null : BY_CLASS.get(type);
    }
}

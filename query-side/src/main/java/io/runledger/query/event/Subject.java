package io.runledger.query.event;

import io.runledger.api.RunId;

/** What a stream is about; only events of its subject wake it up, and only those can ever reach it. */
sealed interface Subject {

    /** All events of a project. */
    record OfProject(String project) implements Subject {}

    /** The events of one run of a project. */
    record OfRun(String project, RunId run) implements Subject {}

    default boolean includes(TailEvent event) {
        return switch (this) {
            case OfProject(String project) -> project.equals(event.project());
            case OfRun(String project, RunId run) ->
                project.equals(event.project()) && run.equals(event.event().runId());
        };
    }
}

package io.runledger.query.event;

import io.runledger.api.RunId;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** Tells from the events of a run which runs do its tasks. */
final class Families {

    /** The type of the events that name them. */
    static final String NAMING = "run.tasks_queued";

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Families() {}

    /** The runs that this event queues as tasks; none when it is of another type. */
    static List<RunId> queuedBy(LedgerEvent event) {
        return event.type().equals(NAMING) ? queuedBy(event.payload().text()) : List.of();
    }

    static List<RunId> queuedBy(String payload) {
        return MAPPER.readTree(payload)
                .at("/tasks")
                .valueStream()
                .map(task -> RunId.of(task.at("/run_id").asString()))
                .toList();
    }
}

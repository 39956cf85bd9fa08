package io.runledger.query;

import io.runledger.api.Json;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.Target;
import io.runledger.query.projection.RecordedEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The history of one run in a test: each event one second after the one before. */
public final class Recorded {

    /** When the first event of a history is recorded, unless said otherwise. */
    public static final Instant START = Instant.parse("2026-03-01T12:00:00.123456Z");

    private final RunId id;
    private final String project;
    private final Instant start;
    private final List<RecordedEvent> events = new ArrayList<>();

    private Recorded(RunId id, String project, Instant start) {
        this.id = id;
        this.project = project;
        this.start = start;
    }

    public static Recorded run(long number) {
        return run(number, "default", START);
    }

    public static Recorded run(long number, String project, Instant start) {
        return new Recorded(id(number), project, start);
    }

    /** The id of this number. */
    public static RunId id(long number) {
        return RunId.at(START.toEpochMilli(), 0, number);
    }

    /** A creation with nothing but what must be there. */
    public static RunCreated created(long number) {
        return created(number, null, null, null);
    }

    public static RunCreated created(long number, String name, Json input, Map<String, String> labels) {
        return new RunCreated(
                id(number),
                "default",
                Target.of("task:build"),
                RunMode.ASYNC,
                null,
                name,
                input,
                null,
                labels,
                null,
                null,
                "default",
                0,
                1,
                null,
                null,
                null,
                null,
                null);
    }

    /** Goes on with these events. */
    public Recorded then(RunEvent... more) {
        for (RunEvent event : more) {
            Instant at = start.plusSeconds(events.size());
            then(event, at, at);
        }
        return this;
    }

    public Recorded then(RunEvent event, Instant occurredAt, Instant recordedAt) {
        long sequence = events.size();
        events.add(new RecordedEvent(id, sequence, 100 + sequence, occurredAt, recordedAt, "tester", project, event));
        return this;
    }

    public List<RecordedEvent> events() {
        return events;
    }
}

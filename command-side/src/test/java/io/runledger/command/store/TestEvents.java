package io.runledger.command.store;

import io.runledger.api.CommandContext;
import io.runledger.api.Json;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.RunEvent.RunNoted;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.Target;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.upcasting.event.NoOpEventUpcaster;
import org.jspecify.annotations.Nullable;

/** Event messages as the aggregate would hand them to the store. */
final class TestEvents {

    private static final RunIds IDS = new RunIds(Clock.systemUTC());
    static final CommandContext CONTEXT =
            new CommandContext("default", "key:ci", Instant.EPOCH, null, null, null, "req-1");

    private TestEvents() {}

    static RunId newRun() {
        return IDS.next();
    }

    static PostgresEventStorageEngine engine(javax.sql.DataSource dataSource) {
        return engine(dataSource, Clock.systemUTC());
    }

    static PostgresEventStorageEngine engine(javax.sql.DataSource dataSource, Clock clock) {
        return engine(dataSource, clock, () -> true);
    }

    static PostgresEventStorageEngine engine(javax.sql.DataSource dataSource, Clock clock, Neighbours neighbours) {
        return PostgresEventStorageEngine.create(
                dataSource, EventSerializer.create(), NoOpEventUpcaster.INSTANCE, clock, neighbours, List.of());
    }

    static CommandContext context(String project, @Nullable String commandId, @Nullable Instant occurredAt) {
        return new CommandContext(project, "key:ci", Instant.EPOCH, occurredAt, commandId, null, "req-1");
    }

    /** The events of one command, the first of them being the run's event number {@code first}. */
    static List<DomainEventMessage<?>> command(RunId run, long first, CommandContext context, RunEvent... events) {
        List<DomainEventMessage<?>> messages = new ArrayList<>();
        for (RunEvent event : events) {
            MetaData header = EventHeader.of(context, messages.isEmpty());
            messages.add(
                    new GenericDomainEventMessage<>("Run", run.toString(), first + messages.size(), event, header));
        }
        return messages;
    }

    static void append(EventStorageEngine engine, RunId run, long first, RunEvent... events) {
        engine.appendEvents(command(run, first, CONTEXT, events));
    }

    static RunCreated created(RunId run, @Nullable String key) {
        return new RunCreated(
                run,
                "default",
                Target.of("task:x"),
                RunMode.ASYNC,
                key,
                null,
                null,
                null,
                null,
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

    static RunNoted note(String type, @Nullable String json) {
        return new RunNoted(type, json == null ? null : new Json(json));
    }

    static List<RunEvent> payloads(EventStorageEngine engine, RunId run) {
        return messages(engine, run)
                .map(DomainEventMessage::getPayload)
                .map(RunEvent.class::cast)
                .toList();
    }

    static Stream<? extends DomainEventMessage<?>> messages(EventStorageEngine engine, RunId run) {
        return engine.readEvents(run.toString(), 0).asStream();
    }
}

package io.runledger.command.store;

import io.runledger.api.CommandContext;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.axonframework.messaging.MetaData;
import org.jspecify.annotations.Nullable;

/** The names under which an event's message carries what the ledger keeps beside the payload. */
public final class EventHeader {

    /** The project's name, text. */
    public static final String PROJECT = "project";

    /** Who did it, text. */
    public static final String ACTOR = "actor";

    /** When it happened in the world, an {@link Instant}; absent on a new event: when it is recorded. */
    public static final String OCCURRED_AT = "occurred_at";

    /** The caller's id of the command, text; on at most one event of a command. */
    public static final String COMMAND_ID = "command_id";

    /** What ties together all that one request caused, text. */
    public static final String CORRELATION_ID = "correlation_id";

    /** What caused this event, text. */
    public static final String CAUSATION_ID = "causation_id";

    /** The event's place in the whole ledger, a {@link Long}; only on events that were read. */
    public static final String POSITION = "position";

    /** What the command changes in the table of work, a {@link WorkChange}; on at most the last event of a command. */
    public static final String WORK = "work";

    /** What it changes for a batch's items, an {@link ItemChange}; on at most the last event of a command. */
    public static final String ITEMS = "items";

    /** What it leaves to be done about tasks, a {@link TaskChange}; on at most the last event of a command. */
    public static final String TASKS = "tasks";

    private EventHeader() {}

    /** The header of an event that this command causes; only one event of a command may carry its id. */
    public static MetaData of(CommandContext context, boolean withCommandId) {
        Map<String, Object> header = new HashMap<>();
        header.put(PROJECT, context.project());
        header.put(ACTOR, context.actor());
        header.put(CORRELATION_ID, context.requestId());
        if (context.occurredAt() != null) {
            header.put(OCCURRED_AT, context.occurredAt());
        }
        if (context.commandId() != null) {
            header.put(CAUSATION_ID, context.commandId());
            if (withCommandId) {
                header.put(COMMAND_ID, context.commandId());
            }
        }
        return MetaData.from(header);
    }

    /** The header of an event that was read. */
    static MetaData of(
            long position,
            Instant occurredAt,
            String project,
            String actor,
            @Nullable String correlationId,
            @Nullable String causationId,
            @Nullable String commandId) {
        Map<String, Object> header = new HashMap<>();
        header.put(POSITION, position);
        header.put(OCCURRED_AT, occurredAt);
        header.put(PROJECT, project);
        header.put(ACTOR, actor);
        putGiven(header, CORRELATION_ID, correlationId);
        putGiven(header, CAUSATION_ID, causationId);
        putGiven(header, COMMAND_ID, commandId);
        return MetaData.from(header);
    }

    private static void putGiven(Map<String, Object> header, String name, @Nullable String value) {
        if (value != null) {
            header.put(name, value);
        }
    }
}

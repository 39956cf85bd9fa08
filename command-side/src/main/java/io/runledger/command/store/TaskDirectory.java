package io.runledger.command.store;

import io.runledger.api.Json;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.SimpleSerializedObject;
import org.axonframework.serialization.SimpleSerializedType;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Answers, from the events themselves, what must be known of runs to carry out a plan. What it says of an end is final. */
public final class TaskDirectory {

    private static final String[] STANDINGS = Stream.of(EventType.values())
            .map(EventType::storedName)
            .filter(type -> status(type) != null)
            .toArray(String[]::new);

    private static final String[] GOOD_ENDS = {
        EventType.SUCCEEDED.storedName(), EventType.PARTIALLY_SUCCEEDED.storedName()
    };

    private final JdbcClient jdbc;
    private final Serializer events;

    public TaskDirectory(JdbcClient jdbc, Serializer events) {
        this.jdbc = jdbc;
        this.events = events;
    }

    /**
     * A run made of tasks as it was created.
     *
     * @param actor who created it
     * @param requestId of the request that did
     * @param input as it was given when the run was last resumed with one, else when it was created
     */
    public record PlannedRun(
            RunCreated created,
            String actor,
            String requestId,
            @Nullable Json input) {}

    /** How a run stands since its event of this number, and why it failed if it did. */
    public record Standing(
            long version, RunStatus status, @Nullable RunError error) {}

    /** The run that did a task, and how: it succeeded, or did in part. */
    public record Done(RunId runId, RunStatus status) {}

    /** The run with its plan. */
    public PlannedRun planned(RunId run) {
        Json resumedWith = resumedWith(run);
        return jdbc.sql("""
                        select type, version, payload, actor, correlation_id from ledger.event
                        where run_id = ? and sequence = 0""")
                .param(run.value())
                .query((row, _) -> {
                    RunCreated created = (RunCreated) event(row);
                    return new PlannedRun(
                            created,
                            row.getString("actor"),
                            Objects.requireNonNullElse(row.getString("correlation_id"), created.project()),
                            resumedWith == null ? created.input() : resumedWith);
                })
                .single();
    }

    private @Nullable Json resumedWith(RunId run) {
        return jdbc
                .sql("""
                        select type, version, payload from ledger.event where run_id = ? and type = ?
                        order by sequence""")
                .params(run.value(), EventType.RESUMED.storedName())
                .query((row, _) -> ((RunResumed) event(row)).input())
                .list()
                .stream()
                .filter(Objects::nonNull)
                .reduce((_, later) -> later)
                .orElse(null);
    }

    // In Java, for PostgreSQL takes no JSON apart that holds, in whichever place, an escape that its text type cannot
    // hold.
    private RunEvent event(ResultSet row) throws SQLException {
        return Objects.requireNonNull(events.deserialize(new SimpleSerializedObject<>(
                row.getString("payload"),
                String.class,
                new SimpleSerializedType(row.getString("type"), Integer.toString(row.getInt("version"))))));
    }

    /** How those of these runs stand that exist. */
    public Map<RunId, Standing> standings(Collection<RunId> runs) {
        Map<RunId, Standing> standings = new HashMap<>();
        jdbc.sql("""
                        select run.id, last.sequence, last.type, last.version,
                            case when last.type in ('run.failed', 'run.invalidated') then last.payload end as payload
                        from unnest(?::uuid[]) as run (id) cross join lateral (
                            select sequence, type, version, payload from ledger.event
                            where run_id = run.id and type = any(?) order by sequence desc limit 1) as last""").params(uuids(runs), STANDINGS).query(row -> {
            RunEvent failure = row.getString("payload") == null ? null : event(row);
            RunStatus status = Objects.requireNonNull(status(row.getString("type")));
            standings.put(
                    new RunId(row.getObject("id", UUID.class)),
                    new Standing(row.getLong("sequence"), status, error(failure)));
        });
        return standings;
    }

    /** The status that an event of this name leads to; null when the run stays as it is. */
    private static @Nullable RunStatus status(String type) {
        return switch (type) {
            case "run.started" -> RunStatus.RUNNING;
            case "run.invalidated" -> RunStatus.INVALID;
            default -> RunStatus.parse(type.substring("run.".length()));
        };
    }

    private static @Nullable RunError error(@Nullable RunEvent failure) {
        return switch (failure) {
            case RunFailed failed ->
                new RunError(
                        failed.error().code(),
                        failed.error().message(),
                        failed.error().retryable(),
                        null);
            case RunInvalidated invalid ->
                new RunError("invalid", invalid.errors().getFirst().detail(), null, null);
            case null, default -> null;
        };
    }

    /** The tasks of the run that have succeeded, by key, and the runs that did them; carried ones are not among them. */
    public Map<String, Done> done(RunId run) {
        Map<String, Done> done = new HashMap<>();
        jdbc.sql("select type, version, payload from ledger.event where run_id = ? and type = ? order by sequence")
                .params(run.value(), EventType.TASK_ENDED.storedName())
                .query(row -> {
                    RunTaskEnded ended = (RunTaskEnded) event(row);
                    boolean succeeded =
                            ended.status() == RunStatus.SUCCEEDED || ended.status() == RunStatus.PARTIALLY_SUCCEEDED;
                    if (succeeded && ended.runId() != null) {
                        done.put(ended.task(), new Done(ended.runId(), ended.status()));
                    }
                });
        return done;
    }

    /**
     * What these runs, which have succeeded, came to; {@link Json#NULL} is an output that is absent. Taken in their order
     * as long as they have no more than so many bytes together; the others are missing.
     */
    public Map<RunId, Json> outputs(List<RunId> runs, long mostBytes) {
        Map<RunId, Json> outputs = new LinkedHashMap<>();
        jdbc.sql("""
                        select id, type, version, payload from (
                            select run.id, run.place, last.*,
                                sum(last.payload_bytes) over (order by run.place rows unbounded preceding) as bytes
                            from unnest(?::uuid[]) with ordinality as run (id, place) cross join lateral (
                                select type, version, payload, payload_bytes from ledger.event
                                where run_id = run.id and type = any(?) order by sequence desc limit 1) as last
                        ) as sized where bytes <= ? order by place""").params(uuids(runs), GOOD_ENDS, mostBytes).query(row -> {
            Json output = output(event(row));
            outputs.put(new RunId(row.getObject("id", UUID.class)), output == null ? Json.NULL : output);
        });
        return outputs;
    }

    private static @Nullable Json output(RunEvent end) {
        return switch (end) {
            case RunSucceeded done -> done.output();
            case RunPartiallySucceeded done -> done.output();
            default -> throw new IllegalStateException("an end of another kind was asked for");
        };
    }

    private static UUID[] uuids(Collection<RunId> runs) {
        return runs.stream().map(RunId::value).toArray(UUID[]::new);
    }
}

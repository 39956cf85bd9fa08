package io.runledger.command.store;

import io.runledger.api.RecentlyUsed;
import io.runledger.api.RecordListener;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import io.runledger.api.Target;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Answers, from the events themselves, what a command must know about a run before or after it was decided. */
public final class RunDirectory implements RecordListener {

    private static final int REMEMBERED_KEYS = 20_000;

    private final JdbcClient jdbc;

    /** Whose key it is: a run keeps its key for ever, so what is remembered here is never wrong. */
    private final RecentlyUsed<Key, RunId> keys = new RecentlyUsed<>(REMEMBERED_KEYS, _ -> 1);

    private record Key(String project, String key) {}

    public RunDirectory(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Where a command of a run was written: {@code sequence} of its first event. */
    public record Written(String type, long sequence) {}

    /** The run that has this key in this project, if this node happens to know it; null says nothing. */
    public @Nullable RunId knownRunOfKey(String project, String key) {
        return keys.get(new Key(project, key));
    }

    /** The run that has this key in this project; null when none has. */
    public @Nullable RunId runOfKey(String project, String key) {
        RunId known = knownRunOfKey(project, key);
        if (known != null) {
            return known;
        }
        RunId found = ReadTurns.read(() -> jdbc.sql("select run_id from ledger.event where project = ? and run_key = ?")
                        .params(project, key)
                        .query(UUID.class)
                        .optional())
                .map(RunId::new)
                .orElse(null);
        if (found != null) {
            keys.put(new Key(project, key), found);
        }
        return found;
    }

    @Override
    public void recorded(StoredEvent event, RunEvent content, long position) {
        if (content instanceof RunCreated created && created.key() != null) {
            keys.put(new Key(event.project(), created.key()), event.runId());
        }
    }

    /** Where the command with this id was written; null when it was not. */
    public @Nullable Written written(RunId runId, String project, String commandId) {
        String sql = "select type, sequence from ledger.event where run_id = ? and command_id = ? and project = ?";
        return ReadTurns.read(() -> jdbc.sql(sql)
                        .params(runId.value(), commandId, project)
                        .query(Written.class)
                        .optional())
                .orElse(null);
    }

    /** What the run executes; null when the project has no such run. */
    public @Nullable Target target(RunId runId, String project) {
        return jdbc.sql("select ledger.apart(payload) ->> 'target' from ledger.event"
                        + " where run_id = ? and sequence = 0 and project = ?")
                .params(runId.value(), project)
                .query((row, _) -> Target.of(row.getString(1)))
                .optional()
                .orElse(null);
    }

    /** Those of these runs that the project has. */
    public Set<RunId> existing(String project, Collection<RunId> runs) {
        String sql = "select run_id from ledger.event where run_id = any(?) and sequence = 0 and project = ?";
        List<RunId> found = ReadTurns.read(() -> jdbc.sql(sql)
                .params(uuids(runs), project)
                .query((row, _) -> new RunId(row.getObject(1, UUID.class)))
                .list());
        return Set.copyOf(found);
    }

    /** The type of the last event of each of these runs; in no order. */
    public List<String> lastEvents(Collection<RunId> runs) {
        return jdbc.sql("""
                        select last.type from unnest(?::uuid[]) as run (id) cross join lateral
                            (select type from ledger.event where run_id = run.id order by sequence desc limit 1) as last""")
                .param(uuids(runs))
                .query((row, _) -> row.getString(1))
                .list();
    }

    /**
     * How the attempt ended that holds this lease, by the type of the event that ended it; null when it did not, or when
     * the project has no such attempt.
     */
    public @Nullable String endOfLease(RunId runId, String project, long lease) {
        return jdbc.sql("""
                        select type from ledger.event where run_id = ? and project = ? and sequence > ? and type in
                            ('run.stopped', 'run.cancelled', 'run.attempt_failed', 'run.failed', 'run.succeeded',
                             'run.partially_succeeded')
                        order by sequence limit 1""")
                .params(runId.value(), project, lease)
                .query((row, _) -> row.getString(1))
                .optional()
                .orElse(null);
    }

    private static UUID[] uuids(Collection<RunId> runs) {
        return runs.stream().map(RunId::value).toArray(UUID[]::new);
    }

    /** The sequence number of the run's last event; -1 when there is no such run. */
    public long version(RunId runId) {
        return ReadTurns.read(() -> jdbc.sql("select coalesce(max(sequence), -1) from ledger.event where run_id = ?")
                .param(runId.value())
                .query(Long.class)
                .single());
    }
}

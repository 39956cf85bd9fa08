package io.runledger.command.store;

import io.runledger.api.RunId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Answers, from the events themselves, what a command must know about a run before or after it was decided. */
public final class RunDirectory {

    private final JdbcClient jdbc;

    public RunDirectory(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Where a command of a run was written: {@code sequence} of its first event. */
    public record Written(String type, long sequence) {}

    /** The run that has this key in this project; null when none has. */
    public @Nullable RunId runOfKey(String project, String key) {
        return jdbc.sql("select run_id from ledger.event where project = ? and run_key = ?")
                .params(project, key)
                .query(UUID.class)
                .optional()
                .map(RunId::new)
                .orElse(null);
    }

    /** Where the command with this id was written; null when it was not. */
    public @Nullable Written written(RunId runId, String project, String commandId) {
        return jdbc.sql("select type, sequence from ledger.event where run_id = ? and command_id = ? and project = ?")
                .params(runId.value(), commandId, project)
                .query(Written.class)
                .optional()
                .orElse(null);
    }

    /** The sequence number of the run's last event; -1 when there is no such run. */
    public long version(RunId runId) {
        return jdbc.sql("select coalesce(max(sequence), -1) from ledger.event where run_id = ?")
                .param(runId.value())
                .query(Long.class)
                .single();
    }
}

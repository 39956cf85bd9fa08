package io.runledger.benchmarks.sample;

import io.runledger.api.EventHash;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent.RunAttemptFailed;
import io.runledger.api.RunEvent.RunCancelled;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.RunEvent.RunFailed;
import io.runledger.api.RunEvent.RunProgressed;
import io.runledger.api.RunEvent.RunQueued;
import io.runledger.api.RunEvent.RunStarted;
import io.runledger.api.RunEvent.RunStopped;
import io.runledger.api.RunEvent.RunSucceeded;
import io.runledger.api.RunStatus;
import io.runledger.benchmarks.sample.SampleRun.Happening;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Writes the rows of the view that these runs come to; the projection itself would write the same. */
final class RunLines implements AutoCloseable {

    /** The generation that serves in a new ledger. */
    private static final String SERVING = "view.run_1";

    private static final String COLUMNS = "id, project, key, name, kind, target, mode, stage, status, status_reason,"
            + " labels, input, output, error_details, artifacts, error_code, error_message, error_retryable, exit_code,"
            + " progress_percent, progress_message, attempt, max_attempts, priority, queue, worker, lease_expires_at,"
            + " parent_id, root_id, created_by, created_at, queued_at, started_at, finished_at, updated_at, duration_ms,"
            + " version, position, first_position";

    /** The counters of the view keep the rows of a statement until it ends. */
    private static final int ROWS_PER_STATEMENT = 50_000;

    private final JsonMapper json = JsonMapper.shared();
    private final CopyLines lines;

    RunLines(Connection connection) {
        lines = new CopyLines(connection, SERVING, COLUMNS, ROWS_PER_STATEMENT);
    }

    /** What changes in a run's life. */
    private static final class Row {
        private RunStatus status = RunStatus.CREATED;
        private @Nullable String reason;
        private @Nullable RunError error;
        private @Nullable String errorDetails;
        private @Nullable Integer exitCode;
        private @Nullable RunStarted started;
        private @Nullable Happening start;
        private @Nullable Happening queued;
        private @Nullable Happening end;
        private @Nullable RunProgressed progress;
        private @Nullable String output;

        private void apply(Happening happening) {
            reason = null;
            switch (happening.event()) {
                case RunCreated _ -> status = RunStatus.CREATED;
                case RunQueued _ -> {
                    status = RunStatus.QUEUED;
                    queued = happening;
                }
                case RunStarted begun -> {
                    status = RunStatus.RUNNING;
                    start = happening;
                    started = begun;
                    error = null;
                    exitCode = null;
                }
                case RunProgressed told -> progress = told;
                case RunAttemptFailed failed -> fail(failed.error(), failed.exitCode());
                case RunFailed failed -> {
                    fail(failed.error(), failed.exitCode());
                    end(RunStatus.FAILED, happening);
                }
                case RunSucceeded done -> {
                    output = Objects.requireNonNull(done.output()).text();
                    exitCode = done.exitCode();
                    end(RunStatus.SUCCEEDED, happening);
                }
                case RunCancelled cancelled -> {
                    end(RunStatus.CANCELLED, happening);
                    reason = cancelled.reason();
                }
                case RunStopped stopped -> {
                    status = RunStatus.STOPPED;
                    reason = stopped.reason();
                }
                default -> throw new IllegalArgumentException("no sample has " + happening.event());
            }
        }

        private void fail(RunError why, @Nullable Integer code) {
            error = why;
            errorDetails = "null";
            exitCode = code;
        }

        private void end(RunStatus how, Happening happening) {
            status = how;
            end = happening;
        }
    }

    /** Writes the run, whose first and last events stand at these positions. */
    void write(SampleRun run, long first, long last) throws SQLException {
        List<Happening> happenings = run.happenings();
        Row row = new Row();
        happenings.forEach(row::apply);
        RunCreated created = run.created();
        RunStarted started = row.started;
        RunProgressed progress = row.progress;
        boolean leased = row.status == RunStatus.RUNNING && started != null;
        lines.add(run.id().value())
                .add(created.project())
                .add(created.key())
                .add(created.name())
                .add(created.target().kind())
                .add(created.target())
                .add(created.mode().wireName())
                .add(created.stage())
                .add(row.status.wireName())
                .add(row.reason)
                .add(json.writeValueAsString(created.labels()))
                .add(created.input())
                .add(row.output)
                .add(row.errorDetails)
                .add("[]")
                .add(row.error == null ? null : row.error.code())
                .add(row.error == null ? null : row.error.message())
                .add(row.error == null ? null : row.error.retryable())
                .add(row.exitCode)
                .add(progress == null ? null : progress.percent())
                .add(progress == null ? null : progress.message())
                .add(started == null ? 0 : started.attempt())
                .add(created.maxAttempts())
                .add(created.priority())
                .add(created.queue())
                .add(started == null ? null : started.worker())
                .add(leased ? EventHash.time(leaseEnd(Objects.requireNonNull(row.start))) : null);
        writeTimes(run, row, first, last);
    }

    private void writeTimes(SampleRun run, Row row, long first, long last) throws SQLException {
        List<Happening> happenings = run.happenings();
        lines.add(run.parent() == null ? null : run.parent().value())
                .add(run.parent() == null ? null : run.parent().value())
                .add(SampleRuns.ACTOR)
                .add(EventHash.time(happenings.getFirst().at()))
                .add(time(row.queued))
                .add(time(row.start))
                .add(time(row.end))
                .add(EventHash.time(happenings.getLast().at()))
                .add(
                        row.end == null || row.start == null
                                ? null
                                : Duration.between(row.start.at(), row.end.at()).toMillis())
                .add(happenings.size() - 1)
                .add(last)
                .add(first)
                .end();
    }

    private static Instant leaseEnd(Happening start) {
        return start.at().plusSeconds(SampleRuns.LEASE_SECONDS);
    }

    private static @Nullable String time(@Nullable Happening happening) {
        return happening == null ? null : EventHash.time(happening.at());
    }

    @Override
    public void close() {
        lines.close();
    }
}

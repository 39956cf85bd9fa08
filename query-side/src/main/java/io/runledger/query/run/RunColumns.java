package io.runledger.query.run;

import static io.runledger.query.run.RunColumn.ARTIFACTS;
import static io.runledger.query.run.RunColumn.BIGINT;
import static io.runledger.query.run.RunColumn.BOOLEAN;
import static io.runledger.query.run.RunColumn.DOUBLE;
import static io.runledger.query.run.RunColumn.INTEGER;
import static io.runledger.query.run.RunColumn.JSON;
import static io.runledger.query.run.RunColumn.LABELS;
import static io.runledger.query.run.RunColumn.RUN_ID;
import static io.runledger.query.run.RunColumn.TASKS;
import static io.runledger.query.run.RunColumn.TERMS;
import static io.runledger.query.run.RunColumn.TEXT;
import static io.runledger.query.run.RunColumn.TIME;
import static io.runledger.query.run.RunColumn.optional;
import static io.runledger.query.run.RunColumn.required;

import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.RunStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The columns of {@code view.run} beside its id, listed once: every statement is made from this list. */
final class RunColumns {

    static final List<RunColumn<?>> ALL = List.of(
            required("project", TEXT, row -> row.project, (row, value) -> row.project = value),
            optional("key", TEXT, row -> row.key, (row, value) -> row.key = value),
            optional("name", TEXT, row -> row.name, (row, value) -> row.name = value),
            required("kind", TEXT, row -> row.kind, (row, value) -> row.kind = value),
            required("target", TEXT, row -> row.target, (row, value) -> row.target = value),
            required("mode", TEXT, row -> row.mode.wireName(), (row, value) -> row.mode = RunMode.of(value)),
            optional("stage", TEXT, row -> row.stage, (row, value) -> row.stage = value),
            required("status", TEXT, row -> row.status.wireName(), (row, value) -> row.status = RunStatus.of(value)),
            optional("status_reason", TEXT, row -> row.statusReason, (row, value) -> row.statusReason = value),
            required("labels", LABELS, row -> row.labels, (row, value) -> row.labels = value),
            optional("metadata", JSON, row -> row.metadata, (row, value) -> row.metadata = value),
            optional("input", JSON, row -> row.input, (row, value) -> row.input = value),
            optional("config", JSON, row -> row.config, (row, value) -> row.config = value),
            optional("output", JSON, row -> row.output, (row, value) -> row.output = value),
            optional("checkpoint", JSON, row -> row.checkpoint, (row, value) -> row.checkpoint = value),
            optional("error_details", JSON, row -> row.errorDetails, (row, value) -> row.errorDetails = value),
            optional("artifacts", ARTIFACTS, row -> row.artifacts, (row, value) -> row.artifacts = value),
            optional("tasks", TASKS, row -> row.tasks, (row, value) -> row.tasks = value),
            optional("items_total", BIGINT, row -> row.itemsTotal, (row, value) -> row.itemsTotal = value),
            optional("items_running", BIGINT, row -> row.itemsRunning, (row, value) -> row.itemsRunning = value),
            optional("items_succeeded", BIGINT, row -> row.itemsSucceeded, (row, value) -> row.itemsSucceeded = value),
            optional("items_failed", BIGINT, row -> row.itemsFailed, (row, value) -> row.itemsFailed = value),
            optional("items_invalid", BIGINT, row -> row.itemsInvalid, (row, value) -> row.itemsInvalid = value),
            optional("error_code", TEXT, row -> row.errorCode, (row, value) -> row.errorCode = value),
            optional("error_message", TEXT, row -> row.errorMessage, (row, value) -> row.errorMessage = value),
            optional("error_retryable", BOOLEAN, row -> row.errorRetryable, (row, value) -> row.errorRetryable = value),
            optional("exit_code", INTEGER, row -> row.exitCode, (row, value) -> row.exitCode = value),
            optional(
                    "progress_percent",
                    DOUBLE,
                    row -> row.progressPercent,
                    (row, value) -> row.progressPercent = value),
            optional("progress_message", TEXT, row -> row.progressMessage, (row, value) -> row.progressMessage = value),
            required("attempt", INTEGER, row -> row.attempt, (row, value) -> row.attempt = value),
            required("max_attempts", INTEGER, row -> row.maxAttempts, (row, value) -> row.maxAttempts = value),
            optional("terms", TERMS, row -> row.terms, (row, value) -> row.terms = value),
            required("priority", INTEGER, row -> row.priority, (row, value) -> row.priority = value),
            required("queue", TEXT, row -> row.queue, (row, value) -> row.queue = value),
            optional("worker", TEXT, row -> row.worker, (row, value) -> row.worker = value),
            optional("lease_expires_at", TIME, row -> row.leaseExpiresAt, (row, value) -> row.leaseExpiresAt = value),
            optional("blocked_on", TEXT, row -> row.blockedOn, (row, value) -> row.blockedOn = value),
            optional("parent_id", RUN_ID, row -> row.parentId, (row, value) -> row.parentId = value),
            optional("root_id", RUN_ID, row -> row.rootId, (row, value) -> row.rootId = value),
            optional("rerun_of", RUN_ID, row -> row.rerunOf, (row, value) -> row.rerunOf = value),
            optional("schedule_id", TEXT, row -> row.scheduleId, (row, value) -> row.scheduleId = value),
            required("created_by", TEXT, row -> row.createdBy, (row, value) -> row.createdBy = value),
            required("created_at", TIME, row -> row.createdAt, (row, value) -> row.createdAt = value),
            optional("run_at", TIME, row -> row.runAt, (row, value) -> row.runAt = value),
            optional("queued_at", TIME, row -> row.queuedAt, (row, value) -> row.queuedAt = value),
            optional("started_at", TIME, row -> row.startedAt, (row, value) -> row.startedAt = value),
            optional("finished_at", TIME, row -> row.finishedAt, (row, value) -> row.finishedAt = value),
            required("updated_at", TIME, row -> row.updatedAt, (row, value) -> row.updatedAt = value),
            optional("duration_ms", BIGINT, row -> row.durationMs, (row, value) -> row.durationMs = value),
            required("version", BIGINT, row -> row.version, (row, value) -> row.version = value),
            required("position", BIGINT, row -> row.position, (row, value) -> row.position = value),
            required("first_position", BIGINT, row -> row.firstPosition, (row, value) -> row.firstPosition = value));

    /** What a fold needs of a row that exists: everything but the large values. */
    static final List<RunColumn<?>> SMALL =
            ALL.stream().filter(Predicate.not(RunColumn::isLarge)).toList();

    static final List<RunColumn<?>> LARGE =
            ALL.stream().filter(RunColumn::isLarge).toList();

    private RunColumns() {}

    /** The names of these columns, with the id, as a select list. */
    static String names(List<RunColumn<?>> columns) {
        return "id, " + columns.stream().map(RunColumn::name).collect(Collectors.joining(", "));
    }

    /** How many characters the large values of this row have, as JSON. */
    static long largeCharacters(RunRow row) {
        return LARGE.stream()
                .map(column -> column.value(row))
                .mapToLong(value -> value == null ? 0 : value.toString().length())
                .sum();
    }

    /** The row at the cursor, with these columns. */
    static RunRow read(ResultSet from, List<RunColumn<?>> columns) throws SQLException {
        RunRow row = new RunRow(new RunId(from.getObject("id", UUID.class)));
        for (RunColumn<?> column : columns) {
            column.read(row, from);
        }
        return row;
    }
}

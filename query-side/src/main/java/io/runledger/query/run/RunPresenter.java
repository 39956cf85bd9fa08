package io.runledger.query.run;

import io.runledger.api.Json;
import io.runledger.api.RunError;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.api.Target;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Shows a row as the API does. */
final class RunPresenter {

    private RunPresenter() {}

    static RunView view(RunRow row) {
        Target target = Target.of(row.target);
        RunTerms terms = row.terms == null ? RunTerms.NONE : row.terms;
        return new RunView(
                row.id,
                row.key,
                row.project,
                row.name,
                target,
                row.kind,
                row.mode,
                row.stage,
                row.status,
                row.statusReason,
                Collections.unmodifiableMap(row.labels),
                shown(row.metadata),
                shown(row.input),
                RunItems.view(row),
                shown(row.config),
                shown(row.output),
                error(row),
                row.exitCode,
                row.artifacts == null ? List.of() : List.copyOf(row.artifacts.values()),
                progress(row),
                shown(row.checkpoint),
                row.attempt,
                row.maxAttempts,
                terms.backoff(),
                terms.terms().timeout(),
                terms.terms().expiresAt(),
                terms.terms().concurrency(),
                terms.terms().awaited(),
                row.priority,
                row.queue,
                row.worker,
                row.leaseExpiresAt,
                row.blockedOn,
                row.parentId,
                row.rootId,
                row.rerunOf,
                row.scheduleId,
                RunTasks.view(row),
                row.createdBy,
                row.createdAt,
                row.runAt,
                row.queuedAt,
                row.startedAt,
                row.finishedAt,
                row.updatedAt,
                row.durationMs,
                row.version,
                links(row.id),
                row.position);
    }

    /** What there is of a run before its first event. */
    static RunView unborn(RunId id) {
        RunRow row = new RunRow(id);
        row.target = "task:none";
        return view(row);
    }

    private static @Nullable Json shown(@Nullable Json value) {
        return Json.NULL.equals(value) ? null : value;
    }

    private static @Nullable RunError error(RunRow row) {
        if (row.errorCode == null) {
            return null;
        }
        String message = Objects.requireNonNull(row.errorMessage);
        return new RunError(row.errorCode, message, row.errorRetryable, shown(row.errorDetails));
    }

    private static RunView.@Nullable Progress progress(RunRow row) {
        return row.progressPercent == null && row.progressMessage == null
                ? null
                : new RunView.Progress(row.progressPercent, row.progressMessage);
    }

    private static Map<String, String> links(RunId id) {
        String self = "/v1/runs/" + id;
        Map<String, String> links = new LinkedHashMap<>();
        links.put("self", self);
        links.put("events", self + "/events");
        links.put("verify", self + "/verify");
        return Collections.unmodifiableMap(links);
    }
}

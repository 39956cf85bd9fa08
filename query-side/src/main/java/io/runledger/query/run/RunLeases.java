package io.runledger.query.run;

import io.runledger.query.project.ProjectReader;
import io.runledger.query.project.ProjectReader.Plan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;

/** What heartbeats have told of a run since its worker took it: they are no events, so no view has it. */
final class RunLeases {

    private final ProjectReader reader;

    RunLeases(ProjectReader reader) {
        this.reader = reader;
    }

    /** Whether there may be more to tell about the run than its events do. */
    static boolean concern(RunRow row) {
        return row.leaseExpiresAt != null || row.itemsTotal != null;
    }

    /** Brings a run up to what is known of its lease, or of those of its items; any other stays as it is. */
    void addTo(RunRow row) {
        if (row.itemsTotal != null && !row.status.isEnd()) {
            row.itemsRunning = Objects.requireNonNull(
                    reader.first(row.project, """
                    select coalesce(sum(upper(range) - lower(range)), 0)
                    from of_project.item_work cross join unnest(items) as range
                    where run_id = ? and lease_expires_at > now()""", List.of(row.id.value()), (running, _) -> running.getLong(1)));
        }
        if (row.leaseExpiresAt == null) {
            return;
        }
        String sql = """
                select lease_expires_at, told_at, progress_percent, progress_message from of_project.work
                where run_id = ? and heard_at is not null""";
        reader.each(row.project, Plan.KEPT, sql, List.of(row.id.value()), heard -> add(row, heard));
    }

    private static void add(RunRow row, ResultSet heard) throws SQLException {
        row.leaseExpiresAt =
                heard.getObject("lease_expires_at", OffsetDateTime.class).toInstant();
        OffsetDateTime told = heard.getObject("told_at", OffsetDateTime.class);
        // An event that came later tells more.
        if (told != null && !told.toInstant().isBefore(row.updatedAt)) {
            Double percent = heard.getObject("progress_percent", Double.class);
            String message = heard.getString("progress_message");
            row.progressPercent = percent == null ? row.progressPercent : percent;
            row.progressMessage = message == null ? row.progressMessage : PlainText.of(message);
        }
    }
}

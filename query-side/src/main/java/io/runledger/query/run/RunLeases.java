package io.runledger.query.run;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What heartbeats have told of a run since its worker took it: they are no events, so no view has it. */
final class RunLeases {

    private final JdbcClient jdbc;

    RunLeases(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Whether there may be more to tell about the run than its events do. */
    static boolean concern(RunRow row) {
        return row.leaseExpiresAt != null || row.itemsTotal != null;
    }

    /** Brings a run up to what is known of its lease, or of those of its items; any other stays as it is. */
    void addTo(RunRow row) {
        if (row.itemsTotal != null && !row.status.isEnd()) {
            row.itemsRunning =
                    jdbc.sql("""
                            select coalesce(sum(upper(range) - lower(range)), 0)
                            from ledger.item_work cross join unnest(items) as range
                            where run_id = ? and lease_expires_at > now()""").param(row.id.value()).query(Long.class).single();
        }
        if (row.leaseExpiresAt == null) {
            return;
        }
        jdbc.sql("""
                        select lease_expires_at, told_at, progress_percent, progress_message from ledger.work
                        where run_id = ? and heard_at is not null""").param(row.id.value()).query(heard -> {
            add(row, heard);
        });
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

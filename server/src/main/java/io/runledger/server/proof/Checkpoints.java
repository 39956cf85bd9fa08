package io.runledger.server.proof;

import io.runledger.api.EventHash;
import io.runledger.query.http.PageRequest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The checkpoints that the ledger keeps itself, and which node is to make the next ones. */
final class Checkpoints {

    private static final String COLUMNS =
            "select project, position, events, runs, root, edge, recorded_at, key_id, signature from ledger.checkpoint";

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;

    Checkpoints(JdbcClient jdbc, TransactionOperations transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /** A checkpoint and the right edge of its tree. */
    record Kept(Checkpoint checkpoint, byte[] edge) {}

    /** The latest one of the project; null when there is none. */
    @Nullable
    Kept latest(String project) {
        return jdbc.sql(COLUMNS + " where project = ? order by position desc limit 1")
                .param(project)
                .query((row, _) -> new Kept(checkpoint(row), row.getBytes("edge")))
                .optional()
                .orElse(null);
    }

    /** The first ones after a position, up to and with another one, of this project or of all, in order of position. */
    List<Checkpoint> between(@Nullable String project, long after, long upTo, int limit) {
        return jdbc.sql(COLUMNS + " where position > ? and position <= ? and project = coalesce(?, project)"
                        + " order by position limit ?")
                .param(after)
                .param(upTo)
                .param(project)
                .param(limit)
                .query((row, _) -> checkpoint(row))
                .list();
    }

    /** Those of positions that the ledger has not got, or has not got any more: the first of them. */
    List<Checkpoint> beyondTheLedger(@Nullable String project) {
        // One statement sees one state of the ledger: a checkpoint of an event that has just come is not beyond it.
        return jdbc.sql(COLUMNS + " where position > (select coalesce(max(position), 0) from ledger.event)"
                        + " and project = coalesce(?, project) order by position limit 1")
                .param(project)
                .query((row, _) -> checkpoint(row))
                .list();
    }

    /** A page of the project's, the latest first. */
    List<Checkpoint> page(String project, PageRequest page) {
        String place = page.place();
        long from = place == null ? Long.MAX_VALUE : Long.parseLong(place);
        String order = page.backwards() ? "position > ? order by position" : "position < ? order by position desc";
        return jdbc.sql(COLUMNS + " where project = ? and " + order + " limit ?")
                .params(project, from, page.rows())
                .query((row, _) -> checkpoint(row))
                .list();
    }

    /** Adds one; nothing changes when there is one of this position. */
    void add(Kept kept) {
        Checkpoint checkpoint = kept.checkpoint();
        jdbc.sql("""
                        insert into ledger.checkpoint
                            (project, position, events, runs, root, edge, recorded_at, key_id, signature)
                        values (?, ?, ?, ?, ?, ?, ?::timestamptz, ?, ?) on conflict do nothing""")
                .params(checkpoint.project(), checkpoint.position(), checkpoint.events(), checkpoint.runs())
                .param(HexFormat.of().parseHex(checkpoint.root()))
                .param(kept.edge())
                .param(EventHash.time(checkpoint.recordedAt()))
                .params(checkpoint.keyId(), checkpoint.signatureBytes())
                .update();
    }

    /** Whether this node is to make the next ones: one node is, and no other for so long. */
    boolean isDue(Duration pause) {
        return jdbc.sql("update ledger.notary set due_at = now() + ?::interval where due_at <= now()")
                        .param(pause.toString())
                        .update()
                > 0;
    }

    /** Up to here every event is under a checkpoint. */
    long covered() {
        return jdbc.sql("select position from ledger.notary").query(Long.class).single();
    }

    /** Adds all that cover the events from one position to another; none when another node has done so meanwhile. */
    void cover(long from, long to, Collection<Kept> kept) {
        transactions.executeWithoutResult(_ -> {
            int moved = jdbc.sql("update ledger.notary set position = ? where position = ?")
                    .params(to, from)
                    .update();
            if (moved > 0) {
                kept.forEach(this::add);
            }
        });
    }

    private static Checkpoint checkpoint(ResultSet row) throws SQLException {
        return new Checkpoint(
                Checkpoint.FORMAT,
                row.getString("project"),
                row.getLong("position"),
                row.getLong("events"),
                row.getLong("runs"),
                HexFormat.of().formatHex(row.getBytes("root")),
                row.getObject("recorded_at", OffsetDateTime.class).toInstant(),
                row.getString("key_id"),
                Base64.getEncoder().encodeToString(row.getBytes("signature")));
    }
}

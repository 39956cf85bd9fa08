package io.runledger.query.projection;

import io.runledger.api.RunId;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.project.ProjectReader.Plan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The runs that wait because a generation could not take one of their events. Joins the caller's transaction. */
public final class DeadLetters {

    /** Enough of a cause to find it by; an exception may quote a whole row. */
    private static final int CAUSE_LENGTH = 1_000;

    private final JdbcClient jdbc;
    private final ProjectReader reader;
    private final String projection;

    DeadLetters(JdbcClient jdbc, ProjectReader reader, String projection) {
        this.jdbc = jdbc;
        this.reader = reader;
        this.projection = projection;
    }

    /** Those of these runs that wait. */
    Set<RunId> parked(int generation, Collection<RunId> runs) {
        UUID[] ids = runs.stream().map(RunId::value).toArray(UUID[]::new);
        return new HashSet<>(jdbc.sql("""
                        select run_id from view.dead_letter
                        where projection = ? and generation = ? and run_id = any(?)""")
                .params(projection, generation, ids)
                .query((row, _) -> new RunId(row.getObject("run_id", UUID.class)))
                .list());
    }

    /** Parks the run of this event, and the event. */
    void park(int generation, ReadEvent event, Throwable cause) {
        jdbc.sql("""
                        insert into view.dead_letter
                            (projection, generation, run_id, project, sequence, position, last_sequence, cause)
                        values (?, ?, ?, ?, ?, ?, ?, ?)
                        on conflict (projection, generation, run_id) do nothing""")
                .params(
                        projection,
                        generation,
                        event.runId().value(),
                        event.project(),
                        event.sequence(),
                        event.position(),
                        event.sequence(),
                        text(cause))
                .update();
    }

    /** Adds an event to its run, which waits. */
    void follow(int generation, ReadEvent event) {
        jdbc.sql("""
                        update view.dead_letter set last_sequence = greatest(last_sequence, ?)
                        where projection = ? and generation = ? and run_id = ?""")
                .params(event.sequence(), projection, generation, event.runId().value())
                .update();
    }

    /** Lets go of this run; false when it does not wait. */
    boolean release(int generation, RunId run) {
        return jdbc.sql("delete from view.dead_letter where projection = ? and generation = ? and run_id = ?")
                        .params(projection, generation, run.value())
                        .update()
                == 1;
    }

    /** Notes that the run was tried again in vain. */
    void retried(int generation, RunId run, Throwable cause) {
        jdbc.sql("""
                        update view.dead_letter set cause = ?, retries = retries + 1
                        where projection = ? and generation = ? and run_id = ?""").params(text(cause), projection, generation, run.value()).update();
    }

    /** How many runs of all projects wait. */
    long count(int generation) {
        return jdbc.sql("select count(*) from view.dead_letter where projection = ? and generation = ?")
                .params(projection, generation)
                .query(Long.class)
                .single();
    }

    /** A project's runs that wait, by id, after this one. */
    List<DeadLetter> page(int generation, String project, @Nullable RunId after, int limit) {
        String sql = """
                select * from of_project.dead_letter
                where projection = ? and generation = ? and project = ? and run_id > ?
                order by run_id limit ?""";
        UUID last = after == null ? new UUID(0, 0) : after.value();
        List<Object> values = List.of(projection, generation, project, last, limit);
        return reader.list(project, Plan.KEPT, sql, values, (row, _) -> letter(row));
    }

    /** The letter of this run; null when it does not wait, or belongs to another project. */
    @Nullable
    DeadLetter find(int generation, String project, RunId run) {
        return reader.first(
                project, """
                select * from of_project.dead_letter
                where projection = ? and generation = ? and project = ? and run_id = ?""", List.of(projection, generation, project, run.value()), (row, _) -> letter(row));
    }

    private static DeadLetter letter(ResultSet row) throws SQLException {
        long sequence = row.getLong("sequence");
        return new DeadLetter(
                new RunId(row.getObject("run_id", UUID.class)),
                sequence,
                row.getLong("position"),
                row.getLong("last_sequence") - sequence + 1,
                row.getString("cause"),
                row.getObject("parked_at", OffsetDateTime.class).toInstant(),
                row.getInt("retries"));
    }

    private static String text(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        // The database takes no U+0000 in a text.
        String text = (root.getClass().getSimpleName() + ": " + root.getMessage()).replace("\0", "");
        return text.substring(0, Math.min(text.length(), CAUSE_LENGTH));
    }
}

package io.runledger.server.access;

import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.Ulid;
import io.runledger.command.definition.Definitions;
import io.runledger.query.http.PageRequest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The projects of the ledger. Each sees itself only; the one that every ledger begins with sees them all. */
public final class Projects {

    /** The project that every ledger begins with; its admins keep the ledger. */
    public static final String DEFAULT = "default";

    private static final String SELECT =
            "select id, name, require_definitions, created_at, created_by from access.project where ";

    private final JdbcClient jdbc;

    Projects(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A new project; the same again when it was made with this id before.
     *
     * @throws Problem when there is one with this slug
     */
    Project create(String slug, boolean requireDefinitions, UUID id, Caller by) {
        try {
            jdbc.sql("insert into access.project (id, name, require_definitions, created_by) values (?, ?, ?, ?)")
                    .params(id, slug, requireDefinitions, by.actor())
                    .update();
        } catch (DuplicateKeyException e) {
            Project before = find(slug, by);
            if (before != null && before.id().equals(Ulid.print(id))) {
                return before;
            }
            throw new Problem(ProblemCode.CONFLICT, "There is a project " + slug + " already.");
        }
        return Objects.requireNonNull(find(slug, by));
    }

    /** Has a project require definitions, or not; all nodes are told with the commit. */
    void requireDefinitions(Project project, boolean required) {
        jdbc.sql("""
                        with changed as (update access.project set require_definitions = ? where name = ? returning name)
                        select pg_notify(?, '') from changed""")
                .params(required, project.slug(), Definitions.CHANNEL)
                .query((_, _) -> true)
                .single();
    }

    /** Whether the project requires definitions; one that does not exist requires nothing. */
    boolean requiresDefinitions(String slug) {
        return jdbc.sql("select require_definitions from access.project where name = ?")
                .param(slug)
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /** The project with this id or slug; null when there is none that the caller may see. */
    @Nullable
    Project find(String reference, Caller caller) {
        UUID id = Ulid.parse(reference);
        return jdbc.sql(SELECT + (id == null ? "name = ?" : "id = ?") + " and (name = ? or ?)")
                .params(id == null ? reference : id, caller.project(), seesAll(caller))
                .query((row, _) -> read(row))
                .optional()
                .orElse(null);
    }

    /** The projects that the caller may see, by slug, as many as the page needs. */
    List<Project> page(Caller caller, PageRequest page) {
        String order = page.backwards()
                ? "name collate \"C\" < ? order by name collate \"C\" desc"
                : "name collate \"C\" > ? order by name collate \"C\"";
        return jdbc.sql(SELECT + "(name = ? or ?) and " + order + " limit ?")
                .params(caller.project(), seesAll(caller), Objects.requireNonNullElse(page.place(), ""), page.rows())
                .query((row, _) -> read(row))
                .list();
    }

    private static boolean seesAll(Caller caller) {
        return caller.project().equals(DEFAULT);
    }

    private static Project read(ResultSet row) throws SQLException {
        return new Project(
                Ulid.print(row.getObject("id", UUID.class)),
                row.getString("name"),
                row.getBoolean("require_definitions"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("created_by"));
    }
}

package io.runledger.command.definition;

import io.runledger.api.Definition;
import io.runledger.api.FailurePolicy;
import io.runledger.api.Json;
import io.runledger.api.RunDefaults;
import io.runledger.api.Target;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Writes and reads {@code ledger.definition}; whatever changes it is notified to all nodes. */
final class DefinitionStore {

    /** The version of a definition that there has never been. */
    static final int NEVER = 0;

    private static final String NOTIFIED = " select pg_notify('" + Definitions.CHANNEL + "', '') from changed";

    private static final String PUT = """
            with changed as (
                insert into ledger.definition as known
                    (project, target, version, input_schema, stages, defaults, tasks, on_failure,
                        created_at, updated_at, updated_by)
                values (?, ?, 1, ?, ?::text[], ?, ?, ?, now(), now(), ?)
                on conflict (project, target) do update set version = known.version + 1, deleted = false,
                    input_schema = excluded.input_schema, stages = excluded.stages, defaults = excluded.defaults,
                    tasks = excluded.tasks, on_failure = excluded.on_failure,
                    created_at = case when known.deleted then now() else known.created_at end,
                    updated_at = now(), updated_by = excluded.updated_by
                where known.version = ?
                returning version)""" + NOTIFIED;

    private static final String DELETE = """
            with changed as (
                update ledger.definition set version = version + 1, deleted = true, input_schema = null, stages = '{}',
                    defaults = '{}', tasks = null, on_failure = null, updated_at = now(), updated_by = ?
                where project = ? and target = ? and version = ?
                returning version)""" + NOTIFIED;

    // What is known already is not sent again.
    private static final String UNLESS_KNOWN = """
            select version, deleted, case when is_new then input_schema end as input_schema,
                case when is_new then stages end as stages, case when is_new then defaults end as defaults,
                case when is_new then tasks end as tasks, on_failure
            from (select *, version <> ? as is_new from ledger.definition where project = ? and target = ?) as found""";

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private final JdbcClient jdbc;

    DefinitionStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** What is stored; without a definition when it is deleted, or is the version that was known. */
    record Stored(int version, boolean deleted, @Nullable Definition definition) {}

    /** What is stored of this target; null when it never had a definition. */
    @Nullable
    Stored find(String project, Target target, int known) {
        return jdbc.sql(UNLESS_KNOWN)
                .params(known, project, target.toString())
                .query((row, _) -> stored(row))
                .optional()
                .orElse(null);
    }

    private static Stored stored(ResultSet row) throws SQLException {
        boolean deleted = row.getBoolean("deleted");
        String defaults = row.getString("defaults");
        if (deleted || defaults == null) {
            return new Stored(row.getInt("version"), deleted, null);
        }
        String onFailure = row.getString("on_failure");
        Definition definition = new Definition(
                json(row, "input_schema"),
                List.of((String[]) row.getArray("stages").getArray()),
                MAPPER.readValue(defaults, RunDefaults.class),
                json(row, "tasks"),
                onFailure == null ? null : FailurePolicy.of(onFailure));
        return new Stored(row.getInt("version"), false, definition);
    }

    private static @Nullable Json json(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? null : new Json(text);
    }

    private static @Nullable String text(@Nullable Json json) {
        return json == null ? null : json.text();
    }

    /** The targets of a project that have a definition. */
    Set<String> targets(String project) {
        return Set.copyOf(jdbc.sql("select target from ledger.definition where project = ? and not deleted")
                .param(project)
                .query(String.class)
                .list());
    }

    /** Writes the version after this one; false when that was not the last one any more. */
    boolean put(String project, Target target, Definition definition, int before, String actor) {
        FailurePolicy onFailure = definition.onFailure();
        return isChanged(jdbc.sql(PUT)
                .param(project)
                .param(target.toString())
                .param(text(definition.inputSchema()))
                .param(definition.stages().toArray(String[]::new))
                .param(MAPPER.writeValueAsString(definition.defaults()))
                .param(text(definition.tasks()))
                .param(onFailure == null ? null : onFailure.wireName())
                .param(actor)
                .param(before));
    }

    /** Deletes this version, which is one more; false when it was not the last one any more. */
    boolean delete(String project, Target target, int before, String actor) {
        return isChanged(jdbc.sql(DELETE).params(actor, project, target.toString(), before));
    }

    private static boolean isChanged(JdbcClient.StatementSpec statement) {
        return !statement.query((_, _) -> true).list().isEmpty();
    }
}

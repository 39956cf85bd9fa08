package io.runledger.query.run;

import io.runledger.api.RunId;
import java.io.StringWriter;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.JsonGenerator;

/** The table {@code view.run}: reads rows to fold on, writes them in one statement. Joins the caller's transaction. */
final class RunTable {

    /** A statement is sent when it has so many characters: a batch of runs with large inputs makes several. */
    private static final int STATEMENT_CHARS = 4 << 20;

    private static final String FIND = "select " + RunColumns.names(RunColumns.ALL) + " from view.run where id = ?";
    private static final String LOAD = "select " + RunColumns.names(RunColumns.SMALL)
            + ", case when id = any(?) then artifacts end as artifacts from view.run where id = any(?)";
    private static final String UPSERT = upsert();

    private final JdbcClient jdbc;

    RunTable(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The whole row of this run; null when there is none yet. */
    @Nullable
    RunRow find(RunId id) {
        List<RunRow> rows = jdbc.sql(FIND)
                .param(id.value())
                .query((row, _) -> RunColumns.read(row, RunColumns.ALL))
                .list();
        return rows.isEmpty() ? null : rows.getFirst();
    }

    /** The rows of these runs without their large values; artifacts only of those that will get more of them. */
    Map<RunId, RunRow> load(Collection<RunId> ids, Collection<RunId> withArtifacts) {
        // A plan that was kept from when the table was small reads all of it each time.
        jdbc.sql("set local plan_cache_mode = force_custom_plan").update();
        Map<RunId, RunRow> rows = new HashMap<>();
        jdbc.sql(LOAD).params(uuids(withArtifacts), uuids(ids)).query(result -> {
            RunRow row = RunColumns.read(result, RunColumns.SMALL);
            String artifacts = result.getString("artifacts");
            row.artifacts = artifacts == null ? null : ViewJson.artifacts(artifacts);
            rows.put(row.id, row);
        });
        return rows;
    }

    /** Writes these rows; where the table already is at the same version or later, it stays as it is. */
    void save(Collection<RunRow> rows) {
        if (rows.isEmpty()) {
            return;
        }
        StringWriter json = new StringWriter();
        JsonGenerator generator = start(json);
        for (RunRow row : rows) {
            write(row, generator);
            generator.flush();
            if (json.getBuffer().length() > STATEMENT_CHARS) {
                finish(generator, json);
                json = new StringWriter();
                generator = start(json);
            }
        }
        finish(generator, json);
    }

    /** Empties the table, so that it can be filled again from the first event. */
    void clear() {
        jdbc.sql("truncate table view.run").update();
    }

    private static JsonGenerator start(StringWriter json) {
        JsonGenerator generator = ViewJson.MAPPER.createGenerator(json);
        generator.writeStartArray();
        return generator;
    }

    private void finish(JsonGenerator generator, StringWriter json) {
        generator.writeEndArray();
        generator.close();
        jdbc.sql(UPSERT).param(json.toString()).update();
    }

    private static void write(RunRow row, JsonGenerator generator) {
        generator.writeStartObject();
        generator.writeStringProperty("id", row.id.value().toString());
        for (RunColumn column : RunColumns.ALL) {
            Object value = column.value().apply(row);
            if (value != null) {
                generator.writePOJOProperty(column.name(), value);
            }
        }
        generator.writeEndObject();
    }

    private static UUID[] uuids(Collection<RunId> ids) {
        return ids.stream().map(RunId::value).toArray(UUID[]::new);
    }

    private static String upsert() {
        String names = RunColumns.names(RunColumns.ALL);
        String types = RunColumns.ALL.stream()
                .map(column -> column.name() + " " + column.form().sqlType())
                .collect(Collectors.joining(", "));
        // A large value that did not change comes as null; the old one is then taken over without being read.
        Stream<String> small = RunColumns.SMALL.stream().map(column -> "%1$s = excluded.%1$s".formatted(column.name()));
        Stream<String> large = RunColumns.LARGE.stream()
                .map(column -> "%1$s = coalesce(excluded.%1$s, run.%1$s)".formatted(column.name()));
        String changes = Stream.concat(small, large).collect(Collectors.joining(", "));
        return """
                insert into view.run as run (%1$s)
                select %1$s from json_to_recordset(cast(? as json)) as batch(id uuid, %2$s)
                on conflict (id) do update set %3$s
                where run.version < excluded.version""".formatted(names, types, changes);
    }
}

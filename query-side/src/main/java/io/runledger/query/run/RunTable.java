package io.runledger.query.run;

import io.runledger.api.RunId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The rows of runs in the table of one generation: reads rows to fold on, writes them in one statement. Joins the caller's
 * transaction.
 */
final class RunTable {

    /** A statement is sent when it has so many characters: a batch of runs with large inputs makes several. */
    private static final int STATEMENT_CHARS = 4 << 20;

    // To the end of the transaction: what follows here, and in the triggers, is planned once, which takes as long as
    // carrying it out for a few runs. A plan that was kept from when the table was small must not read all of it.
    private static final String KEEP_PLANS =
            "select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)";

    private static final RunArrays ARRAYS = new RunArrays(RunColumns.ALL);

    private final JdbcClient jdbc;
    private final String load;
    private final String upsert;

    /** The rows of this generation. */
    RunTable(JdbcClient jdbc, int generation) {
        String table = "view.run_" + generation;
        this.jdbc = jdbc;
        this.load = "select " + RunColumns.names(RunColumns.SMALL)
                + ", case when id = any(?) then artifacts end as artifacts, tasks from " + table + " where id = any(?)";
        this.upsert = upsert(table);
    }

    /** The rows of these runs without their large values; artifacts only of those that will get more of them,
     * tasks of all that have some. */
    Map<RunId, RunRow> load(Collection<RunId> ids, Collection<RunId> withArtifacts) {
        jdbc.sql(KEEP_PLANS).query().singleRow();
        Map<RunId, RunRow> rows = new HashMap<>();
        jdbc.sql(load).params(uuids(withArtifacts), uuids(ids)).query(result -> {
            RunRow row = RunColumns.read(result, RunColumns.SMALL);
            String artifacts = result.getString("artifacts");
            row.artifacts = artifacts == null ? null : ViewJson.artifacts(artifacts);
            String tasks = result.getString("tasks");
            row.tasks = tasks == null ? null : ViewJson.tasks(tasks);
            rows.put(row.id, row);
        });
        return rows;
    }

    /** Writes these rows; where the table already is at the same version or later, it stays as it is. */
    void save(Collection<RunRow> rows) {
        List<@Nullable String[]> values = new ArrayList<>(rows.size());
        long characters = 0;
        for (RunRow row : rows) {
            @Nullable String[] texts = ARRAYS.texts(row);
            values.add(texts);
            characters += characters(texts);
            if (characters > STATEMENT_CHARS) {
                write(values);
                values.clear();
                characters = 0;
            }
        }
        if (!values.isEmpty()) {
            write(values);
        }
    }

    private static long characters(@Nullable String[] texts) {
        long characters = 0;
        for (String text : texts) {
            characters += text == null ? 0 : text.length();
        }
        return characters;
    }

    private void write(List<@Nullable String[]> rows) {
        jdbc.sql(upsert).params(ARRAYS.parameters(rows)).update();
    }

    private static UUID[] uuids(Collection<RunId> ids) {
        return ids.stream().map(RunId::value).toArray(UUID[]::new);
    }

    private static String upsert(String table) {
        String names = RunColumns.names(RunColumns.ALL);
        // A large value that did not change comes as null; the old one is then taken over without being read.
        Stream<String> small = RunColumns.SMALL.stream().map(column -> "%1$s = excluded.%1$s".formatted(column.name()));
        Stream<String> large = RunColumns.LARGE.stream()
                .map(column -> "%1$s = coalesce(excluded.%1$s, run.%1$s)".formatted(column.name()));
        String changes = Stream.concat(small, large).collect(Collectors.joining(", "));
        return """
                insert into %1$s as run (%2$s)
                select %2$s from %3$s
                on conflict (id) do update set %4$s
                where run.version < excluded.version""".formatted(table, names, ARRAYS.sql("batch"), changes);
    }
}

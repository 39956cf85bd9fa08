package io.runledger.query.projection;

import io.runledger.api.RunId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Compares two generations of a view run by run, in slices of ids that cost little each. Only runs without events after
 * a position that both have reached can be compared; the caller looks at the others later.
 */
final class Comparison {

    private static final int SLICE_RUNS = 5_000;

    /** So many differing runs are named; the others are counted. */
    private static final int NAMED = 100;

    private static final UUID FIRST = new UUID(0, 0);
    private static final UUID LAST = new UUID(-1, -1);

    private final JdbcClient jdbc;
    private final String ofOneSlice;
    private final String ofTheseRuns;
    private final String nextSlice;

    private long compared;
    private long differing;
    private final List<RunId> named = new ArrayList<>();

    /**
     * @param whole whether every column counts; generations of different schema versions agree only in how far they are
     */
    Comparison(JdbcClient jdbc, String oldTable, String newTable, boolean whole) {
        this.jdbc = jdbc;
        this.ofOneSlice = differences(oldTable, newTable, whole, "id > ? and id <= ?");
        this.ofTheseRuns = differences(oldTable, newTable, whole, "id = any(?)");
        this.nextSlice = """
                select id from (select id from %s where id > ? order by id limit ?) as slice
                order by id desc limit 1""".formatted(newTable);
    }

    private static String differences(String oldTable, String newTable, boolean whole, String condition) {
        String content = whole ? "t" : "version";
        String rows = "select id, position, %s as content from %s as t where %s";
        return """
                select count(*) as compared, coalesce(array_agg(id order by id) filter (where differs), '{}') as differing
                from (
                    select id, o.content is distinct from n.content or o.position is distinct from n.position as differs
                    from (%s) as o full join (%s) as n using (id)
                    where coalesce(o.position <= ?, true) and coalesce(n.position <= ?, true)) as at_rest""".formatted(
                        rows.formatted(content, oldTable, condition), rows.formatted(content, newTable, condition));
    }

    /** Compares the slice of runs after this one; returns the last of the slice, {@link #LAST} after the last slice. */
    private UUID slice(UUID after, long position) {
        List<UUID> ends = jdbc.sql(nextSlice)
                .params(after, SLICE_RUNS)
                .query((row, _) -> row.getObject("id", UUID.class))
                .list();
        UUID last = ends.isEmpty() ? LAST : ends.getFirst();
        add(ofOneSlice, List.of(after, last, after, last, position, position));
        return last;
    }

    /** Compares all runs that have no event after this position; {@code goOn} is asked between slices. */
    void all(long position, Runnable goOn) {
        for (UUID last = FIRST; !last.equals(LAST); last = slice(last, position)) {
            goOn.run();
        }
    }

    /** Compares these runs as far as this position. */
    void these(Collection<RunId> runs, long position) {
        UUID[] ids = runs.stream().map(RunId::value).toArray(UUID[]::new);
        add(ofTheseRuns, List.of(ids, ids, position, position));
    }

    private void add(String sql, List<Object> parameters) {
        UUID[] found = jdbc.sql(sql)
                .params(parameters)
                .query((row, _) -> {
                    compared += row.getLong("compared");
                    return (UUID[]) row.getArray("differing").getArray();
                })
                .single();
        differing += found.length;
        Stream.of(found).limit(NAMED - named.size()).map(RunId::new).forEach(named::add);
    }

    long compared() {
        return compared;
    }

    long differing() {
        return differing;
    }

    List<RunId> named() {
        return named;
    }
}

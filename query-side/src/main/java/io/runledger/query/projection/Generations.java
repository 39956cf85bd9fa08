package io.runledger.query.projection;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The generations of one view: which one serves, and their tables. Joins the caller's transaction; a generation appears,
 * serves and goes with its commit.
 */
public final class Generations {

    /** Whoever reads a view holds it for the length of a statement; waiting longer would hold up all the others. */
    private static final String LOCK_TIMEOUT = "set local lock_timeout = '500ms'";

    private final JdbcClient jdbc;
    private final String projection;

    Generations(JdbcClient jdbc, String projection) {
        this.jdbc = jdbc;
        this.projection = projection;
    }

    /**
     * Which generation serves.
     *
     * @param previous the one before, if it is still there
     * @param previousPosition how far that one got
     */
    record Serving(
            int generation,
            int schemaVersion,
            @Nullable Integer previous,
            @Nullable Integer previousVersion,
            @Nullable Long previousPosition) {}

    Serving serving() {
        return read("");
    }

    /** The generation to write to: it goes on serving until the caller's transaction ends. */
    int holdServing() {
        return read(" for share").generation();
    }

    /** As {@link #serving}; nobody writes to it until the caller's transaction ends. */
    Serving lockServing() {
        return read(" for update");
    }

    private Serving read(String lock) {
        return jdbc.sql("select * from view.projection where name = ?" + lock)
                .param(projection)
                .query((row, _) -> new Serving(
                        row.getInt("generation"),
                        row.getInt("schema_version"),
                        row.getObject("previous", Integer.class),
                        row.getObject("previous_version", Integer.class),
                        row.getObject("previous_position", Long.class)))
                .single();
    }

    /** Lets this generation serve from the commit on, and keeps the one that serves now as the previous one. */
    void serve(int generation, int schemaVersion, Serving before, long positionBefore) {
        jdbc.sql(LOCK_TIMEOUT).update();
        jdbc.sql("alter table %s reset (autovacuum_enabled)".formatted(table(generation)))
                .update();
        // By name: a generation that was made by another version may have them in another order.
        jdbc.sql("create or replace view %s as select %s from %s".formatted(view(), columns(), table(generation)))
                .update();
        if (before.previous() != null && before.previous() != generation) {
            drop(before.previous());
        }
        jdbc.sql("""
                        update view.projection set generation = ?, schema_version = ?, previous = ?,
                            previous_version = ?, previous_position = ?
                        where name = ?""")
                .params(
                        generation,
                        schemaVersion,
                        before.generation(),
                        before.schemaVersion(),
                        positionBefore,
                        projection)
                .update();
    }

    /** Notes how far the previous generation got. */
    void keepPrevious(long position) {
        jdbc.sql("update view.projection set previous_position = ? where name = ?")
                .params(position, projection)
                .update();
    }

    /** Drops the previous generation; false when there is none. */
    boolean dropPrevious() {
        Integer previous = lockServing().previous();
        if (previous == null) {
            return false;
        }
        drop(previous);
        jdbc.sql("""
                        update view.projection set previous = null, previous_version = null, previous_position = null
                        where name = ?""").param(projection).update();
        return true;
    }

    /** The columns that readers see, in their order. */
    private String columns() {
        return jdbc.sql("""
                        select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
                        where attrelid = cast(? as regclass) and attnum > 0""").param(view()).query(String.class).single();
    }

    /** A new generation as the template has it. */
    void create(int generation) {
        String like = template();
        jdbc.sql("create table %s (like %s including all excluding indexes)".formatted(table(generation), like))
                .update();
        jdbc.sql("alter table %s add primary key (id)".formatted(table(generation)))
                .update();
        String options = jdbc.sql("""
                        select coalesce(array_to_string(reloptions, ', '), '') from pg_class
                        where oid = cast(? as regclass)""").param(like).query(String.class).single();
        if (!options.isEmpty()) {
            jdbc.sql("alter table %s set (%s)".formatted(table(generation), options))
                    .update();
        }
        // Until it serves: it would be vacuumed and analysed again and again while it grows.
        jdbc.sql("alter table %s set (autovacuum_enabled = off)".formatted(table(generation)))
                .update();
    }

    /** The statements that give a generation the indexes that the template has, as far as it lacks them. */
    List<String> missingIndexes(int generation) {
        List<String> missing = indexes(template(), table(generation));
        missing.removeAll(indexes(table(generation), table(generation)));
        return missing;
    }

    /** The indexes of one table, defined for another, under names that the database gives. */
    private List<String> indexes(String of, String as) {
        return new ArrayList<>(jdbc.sql("""
                        select relname, pg_get_indexdef(indexrelid) as definition
                        from pg_index join pg_class on pg_class.oid = indexrelid join pg_am on pg_am.oid = relam
                        where indrelid = cast(? as regclass) and not indisprimary
                        -- Those of words and ranges, which take longest, come first.
                        order by amname = 'btree', relname""")
                .param(of)
                .query((row, _) -> row.getString("definition")
                        .replace("INDEX " + row.getString("relname") + " ON " + of, "INDEX ON " + as))
                .list());
    }

    /** Whether a generation has its triggers, in case the view has any. */
    boolean hasTriggers(int generation) {
        return jdbc.sql("select exists (select from pg_trigger where tgrelid = cast(? as regclass))")
                .param(table(generation))
                .query((row, _) -> row.getBoolean(1))
                .single();
    }

    /** Drops a generation with its dead letters; nothing happens when it is gone already. */
    void drop(int generation) {
        if (all().contains(generation)) {
            // Emptied first: a trigger may keep something beside the rows, like counts, that must go with them.
            jdbc.sql("truncate table " + table(generation)).update();
            jdbc.sql("drop table " + table(generation)).update();
        }
        jdbc.sql("delete from view.dead_letter where projection = ? and generation = ?")
                .params(projection, generation)
                .update();
    }

    /** The numbers of all generations that have a table. */
    List<Integer> all() {
        return jdbc.sql("""
                        select cast(substr(relname, length(?) + 2) as integer) as generation from pg_class
                        where relnamespace = 'view'::regnamespace and relkind = 'r' and relname ~ ('^' || ? || '_[0-9]+$')
                        order by 1""")
                .params(projection, projection)
                .query((row, _) -> row.getInt("generation"))
                .list();
    }

    /** The SQL view that readers read. */
    String view() {
        return "view." + projection;
    }

    /** The empty table that says what the next generation is like; migrations change it. */
    private String template() {
        return view() + "_template";
    }

    /** The table of a generation. */
    String table(int generation) {
        return view() + "_" + generation;
    }
}

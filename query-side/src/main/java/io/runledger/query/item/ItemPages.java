package io.runledger.query.item;

import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.query.item.ItemPage.Item;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.project.ProjectReader.Plan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterUtils;
import org.springframework.jdbc.core.namedparam.ParsedSql;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;

/** Reads items: which, from the view and the leases; what was given and what came out, from the events. */
final class ItemPages {

    /** A page holds values of so many bytes after the first item. */
    private static final int MOST_BYTES = 8 << 20;

    private static final Set<ItemStatus> WITH_RESULT = Set.of(ItemStatus.SUCCEEDED, ItemStatus.FAILED);

    private static final String RESULTS = """
            select index, status, sequence from of_project.item
            where run_id = :run and index >= :from and status = any(:statuses) order by index limit :limit""";

    // Those without a result have no row: all indexes are gone through, in memory.
    private static final String ALL = """
            select index, status, sequence from (
                select item.index, item.sequence, coalesce(item.status,
                    case when item.index <@ held.items then 'running' else 'pending' end) as status
                from (select coalesce(range_agg(items), '{}') as items from of_project.item_work
                      where run_id = :run and lease_expires_at > now()) as held
                cross join lateral (
                    select number as index, result.status, result.sequence
                    from generate_series(cast(:from as integer), cast(:last as integer)) as number
                    left join of_project.item as result on result.run_id = :run and result.index = number) as item) as every
            where status = any(:statuses) order by index limit :limit""";

    // Which events are wanted is worked out first, and only those are taken apart: left to itself, the planner may do
    // it
    // the other way round. The running sum stops at a number of bytes.
    private static final String PAGE = """
            with page as materialized (%s), given as materialized (
                select chunk.first, event.payload
                from of_project.item_chunk as chunk
                join of_project.event as event on event.run_id = :run and event.sequence = chunk.sequence
                where chunk.run_id = :run and exists (
                    select from page where page.index >= chunk.first and page.index < chunk.first + chunk.count)
            ), got as materialized (
                select sequence, payload from of_project.event
                where run_id = :run and sequence in (select sequence from page)
            ), input as (
                select (first + element.place - 1)::integer as index, element.value
                from given cross join lateral json_array_elements(ledger.apart(payload) -> 'inputs') with ordinality
                    as element (value, place)
            ), result as (
                select sequence, (element.value ->> 'index')::integer as index,
                    element.value -> 'output' as output, element.value -> 'error' as error
                from got cross join lateral json_array_elements(ledger.apart(payload) -> 'results') as element (value)
            ), whole as (
                select page.index, page.status, ledger.part(input.value) as input, ledger.part(output) as output,
                    ledger.part(error) as error
                from page join input using (index) left join result using (sequence, index)
            )
            select index, status, input, output, error, (select count(*) from page) as found from (
                select whole.*, sum(size) over (order by index) - size as bytes_before
                from whole cross join lateral (select octet_length(input) + coalesce(octet_length(output), 0)
                    + coalesce(octet_length(error), 0) as size) as sized) as bounded
            where bytes_before < :bytes order by index""";

    private static final Question OF_RESULTS = Question.of(PAGE.formatted(RESULTS));
    private static final Question OF_ALL = Question.of(PAGE.formatted(ALL));

    /** A statement whose values have names, as the driver wants it. */
    private record Question(ParsedSql parsed, String sql) {

        static Question of(String sql) {
            ParsedSql parsed = NamedParameterUtils.parseSqlStatement(sql);
            return new Question(parsed, NamedParameterUtils.substituteNamedParameters(parsed, null));
        }

        List<@Nullable Object> values(SqlParameterSource named) {
            return Arrays.asList(NamedParameterUtils.buildValueArray(parsed, named, null));
        }
    }

    private final ProjectReader reader;

    ItemPages(ProjectReader reader) {
        this.reader = reader;
    }

    /** Items in order, and whether there are more of them. */
    record Part(List<Item> items, boolean more) {}

    /**
     * The items from this index on that are in one of these statuses, at most so many of the {@code total} of a project's
     * run.
     */
    Part from(String project, int index, Set<ItemStatus> statuses, int limit, RunId run, long total) {
        boolean every = statuses.size() == ItemStatus.values().length;
        AtomicLong found = new AtomicLong();
        MapSqlParameterSource values = new MapSqlParameterSource()
                .addValue("run", run.value())
                .addValue("from", index)
                .addValue("last", Math.min(total, every ? index + limit + 1L : total) - 1)
                .addValue(
                        "statuses", statuses.stream().map(ItemStatus::wireName).toArray(String[]::new))
                .addValue("limit", limit + 1)
                .addValue("bytes", MOST_BYTES);
        Question question = WITH_RESULT.containsAll(statuses) ? OF_RESULTS : OF_ALL;
        List<Item> items = reader.list(project, Plan.KEPT, question.sql(), question.values(values), (row, _) -> {
            found.set(row.getLong("found"));
            return item(row);
        });
        List<Item> shown = items.subList(0, Math.min(limit, items.size()));
        return new Part(shown, found.get() > shown.size());
    }

    private static Item item(ResultSet row) throws SQLException {
        return new Item(
                row.getInt("index"),
                Objects.requireNonNull(ItemStatus.parse(row.getString("status"))),
                new Json(row.getString("input")),
                json(row.getString("output")),
                json(row.getString("error")));
    }

    private static @Nullable Json json(@Nullable String text) {
        return text == null ? null : new Json(text);
    }
}

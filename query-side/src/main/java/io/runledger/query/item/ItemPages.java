package io.runledger.query.item;

import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.query.item.ItemPage.Item;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads items: which, from the view and the leases; what was given and what came out, from the events. */
final class ItemPages {

    /** A page holds values of so many bytes after the first item. */
    private static final int MOST_BYTES = 8 << 20;

    private static final Set<ItemStatus> WITH_RESULT = Set.of(ItemStatus.SUCCEEDED, ItemStatus.FAILED);

    private static final String RESULTS = """
            select index, status, sequence from view.item
            where run_id = :run and index >= :from and status = any(:statuses) order by index limit :limit""";

    // Those without a result have no row: all indexes are gone through, in memory.
    private static final String ALL = """
            select index, status, sequence from (
                select item.index, item.sequence, coalesce(item.status,
                    case when item.index <@ held.items then 'running' else 'pending' end) as status
                from (select coalesce(range_agg(items), '{}') as items from ledger.item_work
                      where run_id = :run and lease_expires_at > now()) as held
                cross join lateral (
                    select number as index, result.status, result.sequence
                    from generate_series(cast(:from as integer), cast(:last as integer)) as number
                    left join view.item as result on result.run_id = :run and result.index = number) as item) as every
            where status = any(:statuses) order by index limit :limit""";

    // Which events are wanted is worked out first, and only those are taken apart: left to itself, the planner may do
    // it
    // the other way round. The running sum stops at a number of bytes.
    private static final String PAGE = """
            with page as materialized (%s), given as materialized (
                select chunk.first, event.payload
                from ledger.item_chunk as chunk
                join ledger.event as event on event.run_id = :run and event.sequence = chunk.sequence
                where chunk.run_id = :run and exists (
                    select from page where page.index >= chunk.first and page.index < chunk.first + chunk.count)
            ), got as materialized (
                select sequence, payload from ledger.event
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

    private static final String PAGE_OF_RESULTS = PAGE.formatted(RESULTS);
    private static final String PAGE_OF_ALL = PAGE.formatted(ALL);

    private final JdbcClient jdbc;

    ItemPages(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Items in order, and whether there are more of them. */
    record Part(List<Item> items, boolean more) {}

    /** The items from this index on that are in one of these statuses, at most so many of a run's {@code total}. */
    Part from(int index, Set<ItemStatus> statuses, int limit, RunId run, long total) {
        boolean every = statuses.size() == ItemStatus.values().length;
        AtomicLong found = new AtomicLong();
        List<Item> items = jdbc.sql(WITH_RESULT.containsAll(statuses) ? PAGE_OF_RESULTS : PAGE_OF_ALL)
                .param("run", run.value())
                .param("from", index)
                .param("last", Math.min(total, every ? index + limit + 1L : total) - 1)
                .param("statuses", statuses.stream().map(ItemStatus::wireName).toArray(String[]::new))
                .param("limit", limit + 1)
                .param("bytes", MOST_BYTES)
                .query((row, _) -> {
                    found.set(row.getLong("found"));
                    return item(row);
                })
                .list();
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

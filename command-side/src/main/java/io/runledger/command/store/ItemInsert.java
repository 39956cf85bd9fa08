package io.runledger.command.store;

import io.runledger.command.store.Append.Chunk;
import io.runledger.command.store.ItemChange.Closed;
import io.runledger.command.store.ItemChange.Opened;
import io.runledger.command.store.ItemChange.Settled;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of the append statement that keeps {@code ledger.item_chunk} and {@code ledger.item_work} in step with the
 * events, in the same commit. A group that changes no row leaves it out.
 */
final class ItemInsert {

    // A row is touched only after the append lock was taken, so two appends never wait for each other's rows.
    static final String SQL = """
            , chunk as (
                insert into ledger.item_chunk (run_id, first, count, sequence)
                select run_id, first, count, sequence
                from ordered, unnest(?::uuid[], ?::integer[], ?::integer[], ?::bigint[])
                    as added (run_id, first, count, sequence)),
            closed as (delete from ledger.item_work as work using ordered where work.run_id = any(?::uuid[])),
            opened as (
                insert into ledger.item_work (run_id, lease, attempt, items)
                select run_id, nextval('ledger.item_lease'), attempts, items::int4multirange
                from ordered, unnest(?::uuid[], ?::integer[], ?::text[]) as started (run_id, attempts, items)),
            settled as (
                update ledger.item_work as work set items = work.items - done.items::int4multirange
                from ordered, unnest(?::uuid[], ?::text[]) as done (run_id, items)
                where work.run_id = done.run_id and work.items && done.items::int4multirange)""";

    private ItemInsert() {}

    static boolean isNeeded(List<Append> group) {
        return group.stream()
                .anyMatch(append -> append.items() != null || !append.chunks().isEmpty());
    }

    /** Sets the parameters of {@link #SQL}. */
    static void bind(List<Append> group, EventInsert.Parameters parameters) throws SQLException {
        List<Chunk> chunks =
                group.stream().flatMap(append -> append.chunks().stream()).toList();
        List<Closed> closed = new ArrayList<>();
        List<Opened> opened = new ArrayList<>();
        List<Settled> settled = new ArrayList<>();
        for (Append append : group) {
            switch (append.items()) {
                case Closed end -> closed.add(end);
                case Opened start -> opened.add(start);
                case Settled done -> settled.add(done);
                case null -> {}
            }
        }
        parameters.array("uuid", chunks, chunk -> chunk.event().runId().value());
        parameters.array("int4", chunks, Chunk::first);
        parameters.array("int4", chunks, Chunk::count);
        parameters.array("int8", chunks, chunk -> chunk.event().sequence());
        parameters.array("uuid", closed, change -> change.runId().value());
        parameters.array("uuid", opened, change -> change.runId().value());
        parameters.array("int4", opened, Opened::attempts);
        parameters.array("text", opened, change -> ItemChange.multirange(change.items()));
        parameters.array("uuid", settled, change -> change.runId().value());
        parameters.array("text", settled, change -> ItemChange.multirange(change.items()));
    }
}

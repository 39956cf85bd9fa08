package io.runledger.command.store;

import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads inputs of batches out of the events that hold them. */
public final class BatchInputs {

    // Which events are wanted is worked out first, and only those are taken apart: left to itself, the planner may do
    // it
    // the other way round. The running sum stops at a number of bytes.
    private static final String UNDER_LEASE = """
            with held as materialized (
                select attempt, items from ledger.item_work where run_id = :run and lease = :lease
            ), wanted as materialized (
                select chunk.first, event.payload
                from ledger.item_chunk as chunk
                join ledger.event as event on event.run_id = :run and event.sequence = chunk.sequence
                where chunk.run_id = :run and exists (
                    select from held where int4range(chunk.first, chunk.first + chunk.count) && held.items)
            ), input as (
                select (first + element.place - 1)::integer as index, ledger.part(element.value) as value
                from wanted cross join lateral json_array_elements(ledger.apart(payload) -> 'inputs') with ordinality
                    as element (value, place)
            )
            select index, attempt, value from (
                select index, attempt, value,
                    sum(octet_length(value)) over (order by index) - octet_length(value) as bytes_before
                from input join held on index <@ held.items) as sized
            where bytes_before < :bytes order by index""";

    private final JdbcClient jdbc;

    public BatchInputs(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** An item that is handed out; {@code attempt} counts the leases that it has been under, this one included. */
    public record Input(int index, Json input, int attempt) {}

    /** The inputs of the items under this lease, in order, as many as fit into so many bytes after the first. */
    public List<Input> underLease(RunId run, long lease, int mostBytes) {
        return jdbc.sql(UNDER_LEASE)
                .param("run", run.value())
                .param("lease", lease)
                .param("bytes", mostBytes)
                .query((row, _) ->
                        new Input(row.getInt("index"), new Json(row.getString("value")), row.getInt("attempt")))
                .list();
    }

    /**
     * Returns when the project has this run and it is a batch.
     *
     * @throws Problem when not
     */
    public void requireBatch(String project, RunId run) {
        boolean known = jdbc.sql(
                        "select exists (select from ledger.event where run_id = ? and sequence = 0 and project = ?)")
                .params(run.value(), project)
                .query(Boolean.class)
                .single();
        if (!known) {
            throw Problem.noSuchRun(run.toString());
        }
        boolean batch = jdbc.sql("select exists (select from ledger.item_chunk where run_id = ?)")
                .param(run.value())
                .query(Boolean.class)
                .single();
        if (!batch) {
            throw new Problem(ProblemCode.CONFLICT, "The run has no items; it was created with input, not inputs.");
        }
    }
}

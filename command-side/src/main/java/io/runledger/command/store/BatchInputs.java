package io.runledger.command.store;

import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads inputs of batches out of the events that hold them. */
public final class BatchInputs {

    // An event is taken apart once, whichever of its inputs are wanted. The running sum stops at a number of bytes.
    private static final String UNDER_LEASE = """
            select index, attempt, value from (
                select index, attempt, value,
                    sum(octet_length(value)) over (order by index) - octet_length(value) as bytes_before
                from (
                    select (chunk.first + input.place - 1)::integer as index, work.attempt, work.items,
                        input.value::text as value
                    from ledger.item_work as work
                    join ledger.item_chunk as chunk on chunk.run_id = work.run_id
                        and int4range(chunk.first, chunk.first + chunk.count) && work.items
                    join ledger.event as event on event.run_id = chunk.run_id and event.sequence = chunk.sequence
                    cross join lateral json_array_elements(event.payload -> 'inputs') with ordinality
                        as input (value, place)
                    where work.run_id = ? and work.lease = ?) as held
                where index <@ items) as sized
            where bytes_before < ? order by index""";

    private final JdbcClient jdbc;

    public BatchInputs(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** An item that is handed out; {@code attempt} counts the leases that it has been under, this one included. */
    public record Input(int index, Json input, int attempt) {}

    /** The inputs of the items under this lease, in order, as many as fit into so many bytes after the first. */
    public List<Input> underLease(RunId run, long lease, int mostBytes) {
        return jdbc.sql(UNDER_LEASE)
                .params(run.value(), lease, mostBytes)
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

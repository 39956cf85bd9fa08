package io.runledger.command.store;

import io.runledger.command.workflow.TaskWish;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of the append statement that keeps {@code ledger.task_work} in step with the events, in the same commit. A
 * group that leaves nothing to be done about tasks leaves it out.
 */
final class TaskInsert {

    // A row is touched only after the append lock was taken, so two appends never wait for each other's rows.
    static final String SQL = """
            , left_to_do as (
                insert into ledger.task_work as work (run_id, task, version, project, parent_id, step, task_run, heard, due_at)
                select run_id, task, version, project, parent_id, step, task_run, heard, clock_timestamp()
                from ordered, unnest(?::uuid[], ?::text[], ?::bigint[], ?::text[], ?::uuid[], ?::text[], ?::uuid[],
                        ?::bigint[])
                    as wish (run_id, task, version, project, parent_id, step, task_run, heard)
                on conflict (run_id, task) do update set version = excluded.version, step = excluded.step,
                    task_run = excluded.task_run, heard = excluded.heard, due_at = excluded.due_at)""";

    private TaskInsert() {}

    private record Row(TaskChange change, TaskWish wish) {}

    static boolean isNeeded(List<Append> group) {
        return group.stream().anyMatch(append -> append.tasks() != null);
    }

    /** Sets the parameters of {@link #SQL}. */
    static void bind(List<Append> group, EventInsert.Parameters parameters) throws SQLException {
        List<Row> rows = List.copyOf(rows(group));
        parameters.array("uuid", rows, row -> row.change().runId().value());
        parameters.array("text", rows, row -> row.wish().task());
        parameters.array("int8", rows, row -> row.change().version());
        parameters.array("text", rows, row -> row.change().project());
        parameters.array("uuid", rows, row -> row.change().parent().value());
        parameters.array("text", rows, row -> row.wish().step().wireName());
        parameters.array(
                "uuid",
                rows,
                row -> row.wish().run() == null ? null : row.wish().run().value());
        parameters.array("int8", rows, row -> row.wish().heard());
    }

    /** The last wish about each task that these commands have. */
    private static Collection<Row> rows(List<Append> group) {
        Map<List<Object>, Row> last = new LinkedHashMap<>();
        for (Append append : group) {
            TaskChange change = append.tasks();
            if (change != null) {
                change.wishes().forEach(wish -> last.put(List.of(change.runId(), wish.task()), new Row(change, wish)));
            }
        }
        return last.values();
    }
}

package io.runledger.command.task;

import io.runledger.api.RunId;
import io.runledger.command.workflow.TaskStep;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What is left to be done about tasks. Taking a row puts it off for a moment: if the node that took it dies, another one
 * finds it again.
 */
final class TaskTable {

    private static final String TAKE = """
            with due as materialized (
                select run_id, task from ledger.task_work where due_at <= now() order by due_at limit ?
                for update skip locked)
            update ledger.task_work as work set due_at = now() + interval '5 seconds'
            from due where work.run_id = due.run_id and work.task = due.task
            returning work.run_id, work.task, work.version, work.project, work.parent_id, work.step, work.task_run,
                work.heard""";

    // What has been asked for since stays.
    private static final String DONE = """
            delete from ledger.task_work as work
            using unnest(?::uuid[], ?::text[], ?::bigint[]) as done (run_id, task, version)
            where work.run_id = done.run_id and work.task = done.task and work.version = done.version""";

    private final JdbcClient jdbc;

    TaskTable(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Something that is to be done.
     *
     * @param run whose events ask for it
     * @param task which of its tasks it is about, or, of a report, which task it is itself; empty: the run as a whole
     * @param version of the event that asks for it
     * @param parent the run that is made of tasks
     * @param taskRun the run that does the task; null when it is about none
     * @param heard up to which of its events that run had ended when it was wanted again; -1 when it had not
     */
    record Due(
            RunId run,
            String task,
            long version,
            String project,
            RunId parent,
            TaskStep step,
            @Nullable RunId taskRun,
            long heard) {}

    /** At most so much of what is due, the longest overdue first. */
    List<Due> take(int most) {
        return jdbc.sql(TAKE).param(most).query(TaskTable::due).list();
    }

    /** All that this run asks for; it is not put off. */
    List<Due> of(RunId run) {
        return jdbc.sql("select * from ledger.task_work where run_id = ?")
                .param(run.value())
                .query(TaskTable::due)
                .list();
    }

    private static Due due(ResultSet row, int number) throws SQLException {
        UUID taskRun = row.getObject("task_run", UUID.class);
        return new Due(
                new RunId(row.getObject("run_id", UUID.class)),
                row.getString("task"),
                row.getLong("version"),
                row.getString("project"),
                new RunId(row.getObject("parent_id", UUID.class)),
                TaskStep.of(row.getString("step")),
                taskRun == null ? null : new RunId(taskRun),
                row.getLong("heard"));
    }

    /** Whether nothing else has been asked for since. */
    boolean isStillWanted(Due due) {
        return jdbc.sql("select exists (select from ledger.task_work where run_id = ? and task = ? and version = ?)")
                .params(due.run().value(), due.task(), due.version())
                .query(Boolean.class)
                .single();
    }

    /** These are done. */
    void done(Collection<Due> done) {
        jdbc.sql(DONE)
                .params(
                        array(done, one -> one.run().value(), UUID[]::new),
                        array(done, Due::task, String[]::new),
                        array(done, Due::version, Long[]::new))
                .update();
    }

    private static <T> T[] array(Collection<Due> rows, Function<Due, T> value, IntFunction<T[]> array) {
        return rows.stream().map(value).toArray(array);
    }
}

package io.runledger.command.task;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.api.TaskReport;
import io.runledger.command.run.RunCommands;
import io.runledger.command.store.TaskDirectory;
import io.runledger.command.store.WorkChannels;
import io.runledger.command.task.TaskTable.Due;
import io.runledger.command.work.Lookout;
import io.runledger.command.work.WorkSignal;
import io.runledger.command.workflow.TaskStep;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.dao.DataAccessException;

/**
 * Looks after the tasks of all runs. Every node does so, and none is needed: what is to be done is asked of the database,
 * and done again when whoever was at it did not come to the end.
 */
public final class TaskCoordinator extends Lookout {

    private static final Logger LOG = LoggerFactory.getLogger(TaskCoordinator.class);
    private static final int BATCH = 200;

    private final TaskTable table;
    private final RunCommands commands;
    private final TaskDirectory directory;
    private final TaskRuns runs;
    private final TaskSettings settings;
    private final Clock clock;
    private final Semaphore connections;
    private final ExecutorService hands = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("tasks-", 0).factory());

    TaskCoordinator(
            TaskTable table,
            RunCommands commands,
            TaskDirectory directory,
            TaskRuns runs,
            TaskSettings settings,
            Clock clock) {
        super("tasks", settings.pause());
        this.table = table;
        this.commands = commands;
        this.directory = directory;
        this.runs = runs;
        this.settings = settings;
        this.clock = clock;
        this.connections = new Semaphore(settings.parallel());
    }

    void listenTo(WorkSignal signal) {
        signal.on(WorkChannels.TASKS, this::call);
    }

    @Override
    protected void look() {
        while (isRunning() && carryOutBatch()) {
            // What was done may have left more to be done.
        }
    }

    /** Does what has been due the longest, for several runs side by side; false when nothing is due. */
    boolean carryOutBatch() {
        Map<RunId, List<Due>> byParent = new LinkedHashMap<>();
        table.take(BATCH)
                .forEach(due -> byParent.computeIfAbsent(due.parent(), _ -> new ArrayList<>())
                        .add(due));
        List<List<Due>> done = each(byParent.values(), this::carryOut);
        table.done(done.stream().flatMap(List::stream).toList());
        return !byParent.isEmpty();
    }

    /** Does what is to be done for this run now, whoever else may be at it. */
    public void carryOut(RunId parent) {
        List<Due> rows = table.of(parent);
        if (!rows.isEmpty()) {
            table.done(carryOut(rows));
        }
    }

    /** Does this for one run; answers with what is done. */
    private List<Due> carryOut(List<Due> rows) {
        List<Due> reports = new ArrayList<>();
        List<Due> judgements = new ArrayList<>();
        List<Due> others = new ArrayList<>();
        for (Due due : rows) {
            switch (due.step()) {
                case REPORT -> reports.add(due);
                case JUDGE -> judgements.add(due);
                case MAKE, RESUME, STOP, CANCEL, COMPLETE -> others.add(due);
            }
        }
        TaskSteps steps = new TaskSteps(commands, directory, runs, settings, clock, rows.getFirst());
        List<Due> done = new ArrayList<>();
        if (!reports.isEmpty() || !judgements.isEmpty()) {
            attempt(reports, done, () -> {
                List<TaskReport> news = new ArrayList<>(steps.standings(reports));
                judgements.forEach(due -> news.add(steps.judge(due)));
                steps.tell(news);
                done.addAll(judgements);
            });
        }
        Queue<TaskReport> news = new ConcurrentLinkedQueue<>();
        List<List<Due>> brought = each(others, due -> {
            List<Due> well = new ArrayList<>();
            attempt(List.of(due), well, () -> {
                if (due.taskRun() == null) {
                    steps.complete();
                    return;
                }
                // Who is late with a run that was to be made does no harm: it is there by now. With others he would.
                if (due.step() == TaskStep.MAKE || table.isStillWanted(due)) {
                    TaskReport report = steps.bring(due);
                    if (report != null) {
                        news.add(report);
                    }
                }
            });
            return well;
        });
        List<Due> well = brought.stream().flatMap(List::stream).toList();
        attempt(well, done, () -> steps.tell(List.copyOf(news)));
        return done;
    }

    private void attempt(List<Due> rows, List<Due> done, Runnable step) {
        connections.acquireUninterruptibly();
        try {
            step.run();
            done.addAll(rows);
        } catch (Problem refused) {
            // It is taken again soon. That other commands came first is nothing to tell of.
            LOG.atLevel(refused.code() == ProblemCode.CONFLICT ? Level.DEBUG : Level.WARN)
                    .log("tasks are held up: {}", refused.getMessage());
        } catch (DataAccessException e) {
            LOG.warn("tasks are held up: {}", e.toString());
        } catch (RuntimeException e) {
            // One run must not keep the others from their turn.
            LOG.error("tasks are held up: {}", rows, e);
        } finally {
            connections.release();
        }
    }

    private <T, R> List<R> each(Iterable<T> all, Function<T, R> step) {
        List<CompletableFuture<R>> answers = new ArrayList<>();
        all.forEach(one -> answers.add(CompletableFuture.supplyAsync(() -> step.apply(one), hands)));
        return answers.stream().map(CompletableFuture::join).toList();
    }
}

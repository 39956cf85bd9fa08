package io.runledger.command.operation;

import io.runledger.api.NextRuns;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.command.Futures;
import io.runledger.command.work.Lookout;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Carries out operations, a page of one at a time and then a page of the next. Every node does so. A page that a crash
 * has interrupted is carried out again: runs that had their command keep to it, so each has one effect.
 */
public final class OperationDispatcher extends Lookout {

    private static final Logger LOG = LoggerFactory.getLogger(OperationDispatcher.class);

    /** How soon an operation goes on that another node has left. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Operations operations;
    private final OperationPlan plan;
    private final int page;
    private final ExecutorService hands;

    OperationDispatcher(Operations operations, OperationPlan plan, OperationSettings settings) {
        super("operations", LOOK);
        this.operations = operations;
        this.plan = plan;
        this.page = settings.page();
        this.hands = Executors.newFixedThreadPool(
                settings.parallel(), Thread.ofVirtual().name("operations-", 0).factory());
    }

    @Override
    protected void look() {
        while (isRunning() && carryOutPage()) {
            // There may be more.
        }
    }

    /** Carries out the page that has been due the longest; false when none is due. */
    boolean carryOutPage() {
        Operation operation = operations.take();
        if (operation == null) {
            return false;
        }
        try {
            carryOut(operation);
        } catch (RuntimeException e) {
            LOG.warn("operation {} is held up: {}", operation.id(), e.toString());
            LOG.debug("operation {} is held up", operation.id(), e);
            operations.holdUp(operation, reason(e));
        }
        return true;
    }

    private void carryOut(Operation operation) {
        Tally tally = new Tally(operation.failures());
        if (operation.status() == Operation.Status.CANCELLING) {
            operations.note(operation, tally, operation.upTo(), false);
            return;
        }
        NextRuns next = plan.next(operation, page);
        List<CompletableFuture<Optional<Problem>>> answers = next.runs().stream()
                .map(run -> CompletableFuture.supplyAsync(() -> refusal(operation, run), hands))
                .toList();
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).join();
        for (int i = 0; i < answers.size(); i++) {
            RunId run = next.runs().get(i);
            answers.get(i).join().ifPresentOrElse(problem -> tally.refused(run, problem), tally::done);
        }
        operations.note(operation, tally, next.upTo(), next.upTo() == null);
    }

    /** Why the run does not take the command, if so; thrown is what is not the run's affair. */
    private Optional<Problem> refusal(Operation operation, RunId run) {
        try {
            plan.carryOut(operation, run);
            return Optional.empty();
        } catch (Problem problem) {
            if (problem.code() == ProblemCode.UNAVAILABLE) {
                throw problem;
            }
            return Optional.of(problem);
        } catch (DataAccessException e) {
            throw e;
        } catch (RuntimeException e) {
            // One run must not keep the others from their turn.
            LOG.error("{} of run {} failed in operation {}", operation.command(), run, operation.id(), e);
            return Optional.of(new Problem(ProblemCode.INTERNAL_ERROR, "The ledger failed at this run; it is logged."));
        }
    }

    private static String reason(RuntimeException failure) {
        return switch (Futures.cause(failure)) {
            case Problem problem -> String.valueOf(problem.getMessage());
            case DataAccessException _ -> "The database is away.";
            default -> "The ledger failed at this page; it is logged.";
        };
    }
}

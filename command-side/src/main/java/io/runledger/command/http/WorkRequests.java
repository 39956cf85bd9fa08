package io.runledger.command.http;

import io.runledger.api.Admission;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.api.Target;
import io.runledger.command.Futures;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.run.Outcome;
import io.runledger.command.store.LeaseTokens;
import io.runledger.command.work.Selection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;

/** Turns what workers send into what the ledger understands, and back. */
final class WorkRequests {

    private final RunCommandFactory factory;
    private final RunReferences references;
    private final RunAnswers answers;
    private final LeaseTokens leaseTokens;
    private final Admission admission;
    private final ExecutorService readers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("claims-", 0).factory());

    WorkRequests(
            RunCommandFactory factory,
            RunReferences references,
            RunAnswers answers,
            LeaseTokens leaseTokens,
            Admission admission) {
        this.factory = factory;
        this.references = references;
        this.answers = answers;
        this.leaseTokens = leaseTokens;
        this.admission = admission;
    }

    Selection selection(WorkBodies.Claim body, Origin origin) {
        List<String> queues = body.queues() == null ? List.of() : body.queues();
        List<Target> targets = body.targets() == null ? List.of() : body.targets();
        return new Selection(
                origin.caller().project(),
                queues.stream().distinct().sorted().toList(),
                targets.stream().map(Target::toString).distinct().sorted().toList());
    }

    /** For a worker that may have waited long: a key that was revoked meanwhile gets no run. */
    RunCommand start(RunId run, WorkBodies.Claim body, Origin origin) {
        if (!admission.holds(origin.caller())) {
            throw new Problem(ProblemCode.UNAUTHORIZED, "The key holds no more.");
        }
        return factory.start(run, new Bodies.Start(body.worker(), body.leaseSeconds(), null, null), origin);
    }

    RunId resolve(String run, Origin origin) {
        return references.resolve(origin.caller().project(), run, "id");
    }

    long lease(RunId run, WorkBodies.Heartbeat body) {
        Long lease = leaseTokens.read(run, body.leaseToken());
        return lease == null ? LeaseTokens.FORGED : lease;
    }

    /** Answers with the runs as they are when they have been started, on a thread that may block. */
    void whenStarted(
            CompletableFuture<List<Outcome>> started,
            Origin origin,
            BiConsumer<@Nullable ResponseEntity<Claims>, @Nullable Throwable> answer) {
        // Whatever becomes of it is told to the caller, so the future itself is of no interest.
        var _ = started.thenApplyAsync(outcomes -> claims(outcomes, origin), readers)
                .whenComplete(
                        (claims, failure) -> answer.accept(claims, failure == null ? null : Futures.cause(failure)));
    }

    private ResponseEntity<Claims> claims(List<Outcome> outcomes, Origin origin) {
        List<CompletableFuture<Claims.Claim>> reading = outcomes.stream()
                .map(outcome -> CompletableFuture.supplyAsync(() -> claim(outcome, origin), readers))
                .toList();
        List<Claims.Claim> claims =
                reading.stream().map(CompletableFuture::join).toList();
        long position =
                claims.stream().mapToLong(claim -> claim.run().position()).max().orElse(0);
        ResponseEntity.BodyBuilder response = ResponseEntity.ok();
        if (position > 0) {
            response.header(RunAnswers.LEDGER_POSITION, Long.toString(position));
        }
        return response.body(new Claims(claims));
    }

    private Claims.Claim claim(Outcome outcome, Origin origin) {
        RunView run = answers.read(outcome, origin);
        return new Claims.Claim(run, answers.leaseToken(outcome), run.leaseExpiresAt(), run.attempt());
    }
}

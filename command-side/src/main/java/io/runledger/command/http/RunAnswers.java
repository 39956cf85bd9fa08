package io.runledger.command.http;

import io.runledger.api.AwaitRunEnd;
import io.runledger.api.FindRun;
import io.runledger.api.RememberedRuns;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.command.Futures;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.json.JsonBodies;
import io.runledger.command.run.Outcome;
import io.runledger.command.store.LeaseTokens;
import io.runledger.command.store.RunIds;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.axonframework.queryhandling.QueryGateway;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;

/** What the command endpoints answer with: the run, read back through the query side. */
final class RunAnswers {

    /** The response header that says how far a view must have got to show the command. */
    static final String LEDGER_POSITION = "Ledger-Position";

    private final RememberedRuns remembered;
    private final QueryGateway queries;
    private final LeaseTokens leaseTokens;
    private final RunIds ids;
    private final JsonBodies bodies;

    RunAnswers(
            RememberedRuns remembered, QueryGateway queries, LeaseTokens leaseTokens, RunIds ids, JsonBodies bodies) {
        this.remembered = remembered;
        this.queries = queries;
        this.leaseTokens = leaseTokens;
        this.ids = ids;
        this.bodies = bodies;
    }

    /** The id of what the request makes: a new one, but the same again when it is carried out again. */
    RunId newId(Origin origin) {
        return origin.claim() == null ? ids.next() : new RunId(origin.claim().id());
    }

    @Nullable
    String leaseToken(Outcome outcome) {
        return leaseTokens.print(outcome.runId(), outcome.lease());
    }

    /** An absent body says what an empty object says. */
    Record emptyBody(Class<? extends Record> type) {
        return bodies.read(type, "{}");
    }

    /** The run as the command left it, or as it is later; as it is now when the command only repeated another. */
    RunView read(Outcome outcome, Origin origin) {
        long since = outcome.written() ? outcome.version() : FindRun.LATEST;
        FindRun query = new FindRun(origin.caller().project(), outcome.runId(), since);
        RunView run = remembered.view(query);
        return run == null ? ask(query, RunView.class) : run;
    }

    /** The run as it is after every acknowledged command. */
    RunView read(RunId id, Origin origin) {
        return ask(FindRun.latest(origin.caller().project(), id), RunView.class);
    }

    /**
     * What the query side answers.
     *
     * @throws io.runledger.api.Problem when it refuses the question
     */
    <T> T ask(Object query, Class<T> answer) {
        return Futures.join(queries.query(query, answer));
    }

    /** The run when it has ended, or as it is when the patience is over. */
    CompletableFuture<RunView> await(RunId id, Duration patience, Origin origin) {
        return queries.query(new AwaitRunEnd(origin.caller().project(), id, patience), RunView.class);
    }

    <B extends ResponseEntity.HeadersBuilder<B>> B headers(B response, RunView run) {
        return response.eTag("\"" + run.version() + "\"").header(LEDGER_POSITION, Long.toString(run.position()));
    }
}

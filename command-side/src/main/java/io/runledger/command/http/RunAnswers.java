package io.runledger.command.http;

import io.runledger.api.AwaitRunEnd;
import io.runledger.api.FindRun;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.json.JsonBodies;
import io.runledger.command.run.Outcome;
import io.runledger.command.store.LeaseTokens;
import io.runledger.command.store.RunIds;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.axonframework.queryhandling.QueryGateway;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;

/** What the command endpoints answer with: the run, read back through the query side. */
final class RunAnswers {

    /** The response header that says how far a view must have got to show the command. */
    static final String LEDGER_POSITION = "Ledger-Position";

    private final QueryGateway queries;
    private final LeaseTokens leaseTokens;
    private final RunIds ids;
    private final JsonBodies bodies;

    RunAnswers(QueryGateway queries, LeaseTokens leaseTokens, RunIds ids, JsonBodies bodies) {
        this.queries = queries;
        this.leaseTokens = leaseTokens;
        this.ids = ids;
        this.bodies = bodies;
    }

    RunId newId() {
        return ids.next();
    }

    @Nullable
    String leaseToken(Outcome outcome) {
        return leaseTokens.print(outcome.runId(), outcome.lease());
    }

    /** An absent body says what an empty object says. */
    Record emptyBody(Class<? extends Record> type) {
        return bodies.read(type, "{}");
    }

    RunView read(RunId id, Origin origin) {
        return find(new FindRun(origin.caller().project(), id), RunView.class);
    }

    /** The query side's answer to a question. */
    <T> T find(Object question, Class<T> answer) {
        try {
            return queries.query(question, answer).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** The run when it has ended, or as it is when the patience is over. */
    CompletableFuture<RunView> await(RunId id, Duration patience, Origin origin) {
        return queries.query(new AwaitRunEnd(origin.caller().project(), id, patience), RunView.class);
    }

    <B extends ResponseEntity.HeadersBuilder<B>> B headers(B response, RunView run) {
        return response.eTag("\"" + run.version() + "\"").header(LEDGER_POSITION, Long.toString(run.position()));
    }
}

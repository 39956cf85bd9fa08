package io.runledger.command.http;

import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.RunView;
import io.runledger.command.Futures;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.run.Outcome;
import io.runledger.command.run.RunCommands;
import java.net.URI;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.context.request.async.DeferredResult;

/** Creates runs for callers who wait for the end (live mode); while they wait they cost no thread. */
final class LiveRuns {

    /** The preference {@code wait=SECONDS} of RFC 7240, section 4.3. */
    private static final Pattern WAIT = Pattern.compile("(?:^|,)\\s*wait\\s*=\\s*(\\d{1,9})\\s*(?:,|;|$)");

    private static final String PREFERENCE_APPLIED = "Preference-Applied";

    /** Beyond the caller's patience, what reading the run may take. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final RunCommands commands;
    private final RunCommandFactory factory;
    private final RunAnswers answers;
    private final int mostSeconds;

    LiveRuns(RunCommands commands, RunCommandFactory factory, RunAnswers answers, int mostSeconds) {
        this.commands = commands;
        this.factory = factory;
        this.answers = answers;
        this.mostSeconds = mostSeconds;
    }

    /** How long the caller wants to wait, as far as it may; null when it did not say. A preference is never refused. */
    @Nullable
    Integer seconds(String prefer) {
        Matcher wait = WAIT.matcher(prefer);
        return wait.find() ? (int) Math.min(mostSeconds, Long.parseLong(wait.group(1))) : null;
    }

    /** The longest wait. */
    int mostSeconds() {
        return mostSeconds;
    }

    /** Creates the run; the answer comes when it has ended (200), or when so many seconds are over (202). */
    DeferredResult<ResponseEntity<RunView>> create(Bodies.Create body, int seconds, Origin origin) {
        Outcome outcome;
        try (body) {
            outcome = commands.create(
                    factory.create(answers.newId(origin), body, RunMode.LIVE, null, origin), body.inputs());
        }
        Duration patience = Duration.ofSeconds(seconds);
        DeferredResult<ResponseEntity<RunView>> answer =
                new DeferredResult<>(patience.plus(GRACE).toMillis());
        var _ = answers.await(outcome.runId(), patience, origin).whenComplete((run, failure) -> {
            if (failure == null) {
                answer.setResult(answer(outcome.runId(), run, seconds));
            } else {
                answer.setErrorResult(Futures.cause(failure));
            }
        });
        return answer;
    }

    private ResponseEntity<RunView> answer(RunId id, RunView run, int seconds) {
        ResponseEntity.BodyBuilder response = run.status().isEnd() ? ResponseEntity.ok() : ResponseEntity.accepted();
        response.location(URI.create("/v1/runs/" + id)).header(PREFERENCE_APPLIED, "wait=" + seconds);
        return answers.headers(response, run).header(HttpHeaders.VARY, "Prefer").body(run);
    }
}

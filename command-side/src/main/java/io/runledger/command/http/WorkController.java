package io.runledger.command.http;

import io.runledger.api.Caller;
import io.runledger.api.RunId;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.run.Outcome;
import io.runledger.command.work.ClaimDesk;
import io.runledger.command.work.ClaimDesk.Wish;
import io.runledger.command.work.Leases;
import io.runledger.command.work.Leases.Heard;
import io.runledger.command.work.Leases.Told;
import io.runledger.command.work.Queues;
import io.runledger.command.work.Selection;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** What workers call: claim runs, keep their leases; and how the queues stand. */
@RestController
@Tag(name = "Work")
class WorkController {

    /** Beyond a worker's patience, what starting and reading its runs may take. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final ClaimDesk desk;
    private final Leases leases;
    private final Queues queues;
    private final WorkRequests requests;

    WorkController(ClaimDesk desk, Leases leases, Queues queues, WorkRequests requests) {
        this.desk = desk;
        this.leases = leases;
        this.queues = queues;
        this.requests = requests;
    }

    @PostMapping(
            path = "/v1/claims",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "claimRuns",
            summary =
                    "Start queued runs under a lease, the highest priority first, then the oldest; waits for the first",
            responses =
                    @ApiResponse(
                            responseCode = "200",
                            description = "The runs; none when there were none in time",
                            content = @Content(schema = @Schema(implementation = Claims.class))))
    DeferredResult<ResponseEntity<Claims>> claim(
            @RequestBody WorkBodies.Claim body, @Parameter(hidden = true) Origin origin) {
        Duration patience = Duration.ofSeconds(body.waitSeconds() == null ? 0 : body.waitSeconds());
        Selection selection = requests.selection(body, origin);
        int max = body.max() == null ? 1 : body.max();
        CompletableFuture<List<Outcome>> started =
                desk.claim(new Wish(selection, max, patience, run -> requests.start(run, body, origin)));
        DeferredResult<ResponseEntity<Claims>> answer =
                new DeferredResult<>(patience.plus(GRACE).toMillis());
        // Who has gone must not be handed a run.
        answer.onError(_ -> started.cancel(false));
        answer.onTimeout(() -> started.cancel(false));
        requests.whenStarted(started, origin, (claims, failure) -> {
            if (failure == null) {
                answer.setResult(claims);
            } else {
                answer.setErrorResult(failure);
            }
        });
        return answer;
    }

    @PostMapping(
            path = "/v1/runs/{id}/heartbeat",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "heartbeat",
            summary = "Prolong a lease, say how far the attempt is, and hear whether to go on")
    Heard heartbeat(
            @PathVariable("id") String run,
            @RequestBody WorkBodies.Heartbeat body,
            @Parameter(hidden = true) Origin origin) {
        RunId id = requests.resolve(run, origin);
        WorkBodies.@Nullable ProgressTold progress = body.progress();
        Told told = progress == null ? new Told(null, null) : new Told(progress.percent(), progress.message());
        return leases.heartbeat(origin.caller().project(), id, requests.lease(id, body), told);
    }

    /** How the queues of a project stand. */
    @Schema(name = "Queues")
    record QueueList(List<Queues.Standing> data) {}

    @GetMapping(path = "/v1/queues", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(operationId = "listQueues", summary = "How the queues stand: depth, oldest run, who works on them")
    QueueList queues(@Parameter(hidden = true) Caller caller) {
        return new QueueList(queues.of(caller.project()));
    }
}

package io.runledger.command.http;

import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.run.Outcome;
import io.runledger.command.run.RunCommands;
import io.runledger.command.store.LeaseTokens;
import io.runledger.command.work.ItemDesk;
import io.runledger.command.work.ItemDesk.Claimed;
import io.runledger.command.work.ItemDesk.Wish;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What workers call to get items of a batch and to report how they ended. */
@RestController
@RequestMapping(
        path = "/v1/runs/{id}/items",
        consumes = MediaType.APPLICATION_JSON_VALUE,
        produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Work")
class ItemController {

    private static final int DEFAULT_ITEMS = 100;
    private static final Bodies.Start NO_LEASE = new Bodies.Start(null, null, null, null);

    private final ItemDesk desk;
    private final RunCommands commands;
    private final RunCommandFactory factory;
    private final RunReferences references;
    private final RunAnswers answers;
    private final LeaseTokens leaseTokens;

    ItemController(
            ItemDesk desk,
            RunCommands commands,
            RunCommandFactory factory,
            RunReferences references,
            RunAnswers answers,
            LeaseTokens leaseTokens) {
        this.desk = desk;
        this.commands = commands;
        this.factory = factory;
        this.references = references;
        this.answers = answers;
        this.leaseTokens = leaseTokens;
    }

    @PostMapping("/claim")
    @Operation(
            operationId = "claimItems",
            summary = "Hold the next items of a batch under one lease; the first claim starts the run")
    ItemClaims claim(
            @PathVariable("id") String run,
            @RequestBody WorkBodies.ItemClaim body,
            @Parameter(hidden = true) Origin origin) {
        RunId id = references.resolve(origin.caller().project(), run, "id");
        int max = body.max() == null ? DEFAULT_ITEMS : body.max();
        Claimed claimed =
                desk.claim(factory.start(id, NO_LEASE, origin), new Wish(body.worker(), max, body.leaseSeconds()));
        return new ItemClaims(leaseTokens.print(id, claimed.lease()), claimed.leaseExpiresAt(), claimed.items());
    }

    @PostMapping("/results")
    @Operation(
            operationId = "recordItems",
            summary = "Report how held items ended, all of them or some; the last result of a batch ends its run")
    ResponseEntity<RunView> record(
            @PathVariable("id") String run,
            @RequestBody WorkBodies.ItemResults body,
            @Parameter(hidden = true) Origin origin) {
        RunId id = references.resolve(origin.caller().project(), run, "id");
        Long lease = leaseTokens.read(id, body.leaseToken());
        @Nullable Set<Integer> held = lease == null ? null : desk.hold(id, lease);
        Outcome outcome = commands.send(factory.recordItems(id, body, held, origin));
        RunView view = answers.read(outcome, origin);
        return answers.headers(ResponseEntity.ok(), view).body(view);
    }
}

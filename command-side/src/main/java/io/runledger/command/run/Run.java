package io.runledger.command.run;

import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.runledger.api.CommandContext;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.command.store.EventHeader;
import io.runledger.command.store.ItemChange;
import io.runledger.command.store.TaskChange;
import io.runledger.command.store.WorkChange;
import java.util.List;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.axonframework.serialization.SerializedType;
import org.axonframework.serialization.UnknownSerializedType;
import org.axonframework.spring.stereotype.Aggregate;
import org.jspecify.annotations.Nullable;

/** Axon's view of a run: routes commands to {@link RunDecider} and folds events into {@link RunState}. */
@Aggregate(cache = "runCache", commandTargetResolver = "runOfCommand")
class Run {

    @AggregateIdentifier
    @SuppressWarnings("UnusedVariable") // read by Axon
    private @Nullable String id;

    private final RunState state = new RunState();

    /** Of an event that a newer version of the ledger wrote; null when all are known. */
    private @Nullable SerializedType unknown;

    Run() {}

    @CommandHandler
    // A create brings a new id, so there is nothing to load; should the id be taken, the store refuses the append.
    @CreationPolicy(AggregateCreationPolicy.ALWAYS)
    Outcome handle(CreateRun command) {
        return decide(command);
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.ALWAYS)
    Outcome handle(OpenBatch command) {
        return decide(command);
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.ALWAYS)
    Outcome handle(WithholdRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(RecordTasks command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(CompleteTasks command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(StartRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(ProgressRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(CheckpointRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(NoteRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(AddArtifact command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(FinishRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(CompleteRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(FailRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(StopRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(ResumeRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(CancelRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(QueueRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(SkipRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(ExpireLease command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(TimeOutRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(ExpireRun command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(TakeInItems command) {
        return decide(command);
    }

    @CommandHandler
    Outcome handle(RecordItems command) {
        return decide(command);
    }

    @EventSourcingHandler
    void evolve(RunEvent event) {
        if (event instanceof RunCreated created) {
            id = created.runId().toString();
        }
        state.evolve(event);
    }

    /** Notes an event that a newer version of the ledger wrote; what it means to the run is not known here. */
    @EventSourcingHandler
    void evolve(UnknownSerializedType event) {
        unknown = event.serializedType();
    }

    private Outcome decide(RunCommand command) {
        if (unknown != null) {
            throw new Problem(
                    ProblemCode.UNAVAILABLE,
                    "This node cannot read an event of the run (%s, version %s): a newer version of the ledger wrote it. Ask"
                                    .formatted(unknown.getName(), unknown.getRevision())
                            + " a node of that version.");
        }
        List<RunEvent> events = RunDecider.decide(command, state);
        WorkChange work = RunWork.change(command, events, state);
        ItemChange items = ItemWork.change(command.runId(), events, state);
        TaskChange tasks = TaskWork.change(command, events, state);
        CommandContext context = command.context();
        for (int i = 0; i < events.size(); i++) {
            // The store guards a command id by a unique index, so only one event of a command carries it.
            MetaData header = EventHeader.of(context, i == 0);
            boolean last = i == events.size() - 1;
            header = last && work != null ? header.and(EventHeader.WORK, work) : header;
            header = last && tasks != null ? header.and(EventHeader.TASKS, tasks) : header;
            apply(events.get(i), last && items != null ? header.and(EventHeader.ITEMS, items) : header);
        }
        Long lease = command instanceof StartRun ? state.lease() : null;
        return new Outcome(command.runId(), state.version(), lease, !events.isEmpty());
    }
}

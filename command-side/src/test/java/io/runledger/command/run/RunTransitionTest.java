package io.runledger.command.run;

import static io.runledger.api.RunStatus.*;
import static io.runledger.command.run.SampleRun.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.runledger.api.ItemResult;
import io.runledger.api.Json;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunCommand;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.command.store.EventType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.axonframework.commandhandling.CommandHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every cell of status × command, against the table and against a copy of the table in domain.md. */
class RunTransitionTest {

    private static final RunId TASK = RunId.of("01KGA0C8G0000000000000000T");

    /** The second source: from which statuses each row goes. Change it only together with domain.md. */
    private static final Map<RunTransition, Set<RunStatus>> FROM = new EnumMap<>(RunTransition.class);

    static {
        Set<RunStatus> working = EnumSet.of(RUNNING, FINISHING);
        FROM.put(RunTransition.CREATE, EnumSet.noneOf(RunStatus.class));
        FROM.put(RunTransition.TAKE_IN_ITEMS, EnumSet.of(CREATED));
        FROM.put(RunTransition.VALIDATE, EnumSet.of(CREATED));
        FROM.put(RunTransition.INVALIDATE, EnumSet.of(CREATED, VALIDATING));
        // The next three also follow a Fail (from running, finishing) and a Resume (from failed, partially succeeded).
        FROM.put(
                RunTransition.SCHEDULE,
                EnumSet.of(CREATED, VALIDATING, STOPPED, RUNNING, FINISHING, FAILED, PARTIALLY_SUCCEEDED));
        // A run whose time has come, or whose runs have succeeded, may then have to wait for a slot.
        FROM.put(
                RunTransition.BLOCK,
                EnumSet.of(CREATED, VALIDATING, SCHEDULED, BLOCKED, STOPPED, FAILED, PARTIALLY_SUCCEEDED));
        FROM.put(
                RunTransition.QUEUE,
                EnumSet.of(
                        CREATED,
                        VALIDATING,
                        SCHEDULED,
                        BLOCKED,
                        STOPPED,
                        RUNNING,
                        FINISHING,
                        FAILED,
                        PARTIALLY_SUCCEEDED));
        FROM.put(RunTransition.START, EnumSet.of(QUEUED));
        FROM.put(RunTransition.PROGRESS, working);
        FROM.put(RunTransition.CHECKPOINT, working);
        FROM.put(RunTransition.NOTE, working);
        FROM.put(RunTransition.ADD_ARTIFACT, working);
        FROM.put(RunTransition.RECORD_ITEMS, working);
        FROM.put(RunTransition.RECORD_TASKS, EnumSet.of(QUEUED, RUNNING, STOPPED));
        FROM.put(RunTransition.COMPLETE_TASKS, EnumSet.of(FINISHING));
        FROM.put(RunTransition.FINISH, EnumSet.of(RUNNING));
        FROM.put(RunTransition.COMPLETE, working);
        FROM.put(RunTransition.FAIL, working);
        FROM.put(RunTransition.EXPIRE_LEASE, working);
        FROM.put(RunTransition.TIME_OUT, working);
        FROM.put(RunTransition.EXPIRE, EnumSet.of(CREATED, SCHEDULED, BLOCKED, QUEUED));
        FROM.put(RunTransition.STOP, EnumSet.of(CREATED, VALIDATING, SCHEDULED, BLOCKED, QUEUED, RUNNING));
        FROM.put(RunTransition.RESUME, EnumSet.of(STOPPED, FAILED, PARTIALLY_SUCCEEDED));
        FROM.put(
                RunTransition.CANCEL,
                EnumSet.of(CREATED, VALIDATING, SCHEDULED, BLOCKED, QUEUED, RUNNING, STOPPED, FINISHING));
        FROM.put(RunTransition.SKIP, EnumSet.of(BLOCKED));
    }

    /** Cells where the command asks for what already is: answered like the first time, nothing written. */
    private static final Map<RunTransition, RunStatus> REPEATS =
            Map.of(RunTransition.FINISH, FINISHING, RunTransition.STOP, STOPPED, RunTransition.CANCEL, CANCELLED);

    static Stream<Arguments> cells() {
        return commands().flatMap(command -> Stream.of(RunStatus.values()).map(from -> Arguments.of(from, command)));
    }

    @ParameterizedTest(name = "{0} × {1}")
    @MethodSource("cells")
    void a_cell_is_accepted_or_refused_as_the_table_says(RunStatus status, RunCommand command) {
        RunState state = stateIn(status);
        RunTransition row = RunDecider.rowOf(command);

        if (row == RunTransition.CREATE) {
            assertRefused(command, state, ProblemCode.CONFLICT);
        } else if (FROM.get(row).contains(status)) {
            List<RunEvent> events = RunDecider.decide(command, state);
            assertThat(events).isNotEmpty();
            events.forEach(state::evolve);
            assertThat(row.to().isEmpty() ? Set.of(status) : row.to()).contains(state.status());
        } else if (status == REPEATS.get(row)) {
            assertThat(RunDecider.decide(command, state)).isEmpty();
        } else {
            assertRefused(command, state, ProblemCode.INVALID_TRANSITION);
        }
    }

    private static void assertRefused(RunCommand command, RunState state, ProblemCode code) {
        RunRefused refused = catchThrowableOfType(RunRefused.class, () -> RunDecider.decide(command, state));
        List<String> allowed = new ArrayList<>(allowedByTheCopy(state.status()));
        if (state.tasks() != null) {
            allowed.removeAll(List.of("start", "finish", "complete", "fail"));
        }
        assertThat(refused).as("the refusal of %s", command).isNotNull();
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.version()).isEqualTo(state.version());
        assertThat(refused.facts())
                .containsEntry("run_status", state.status())
                .containsEntry("run_version", state.version())
                .containsEntry("allowed", allowed);
        if (code == ProblemCode.INVALID_TRANSITION) {
            assertThat(refused.getMessage())
                    .contains(state.status().wireName())
                    .contains(RunDecider.rowOf(command).wireName())
                    .contains(allowed.isEmpty() ? "nothing is allowed" : String.join(", ", allowed));
        }
    }

    private static List<String> allowedByTheCopy(RunStatus status) {
        Set<RunTransition> public_ = EnumSet.noneOf(RunTransition.class);
        commands().map(RunDecider::rowOf).forEach(public_::add);
        return public_.stream()
                .filter(row -> FROM.get(row).contains(status))
                .map(RunTransition::wireName)
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void the_table_and_the_copy_of_it_agree(RunTransition row) {
        assertThat(row.from()).isEqualTo(FROM.get(row));
        assertThat(row.isCommand()).isEqualTo(commands().anyMatch(command -> RunDecider.rowOf(command) == row));
    }

    @ParameterizedTest
    @EnumSource(names = {"INVALID", "SUCCEEDED", "CANCELLED", "SKIPPED"})
    void what_has_ended_for_good_allows_nothing(RunStatus status) {
        assertThat(RunTransition.allowedIn(status)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void every_status_is_reached_and_every_other_that_has_not_ended_is_left(RunStatus status) {
        assertThat(Stream.of(RunTransition.values()).anyMatch(row -> row.to().contains(status)))
                .isTrue();
        assertThat(status.isEnd() || !RunTransition.allowedIn(status).isEmpty()).isTrue();
    }

    @Test
    void every_event_has_an_effect_on_the_status_or_none_and_never_fails() {
        Set<RunStatus> reached = EnumSet.noneOf(RunStatus.class);
        for (RunEvent event : SampleEvents.all()) {
            RunStatus after = RunTransition.statusAfter(event);
            if (after != null) {
                reached.add(after);
            }
            stateIn(CANCELLED).evolve(event);
        }

        assertThat(SampleEvents.all())
                .extracting(Object::getClass)
                .containsOnlyOnceElementsOf(List.of(RunEvent.class.getPermittedSubclasses()));
        assertThat(reached).containsExactlyInAnyOrder(RunStatus.values());
    }

    @Test
    void every_event_has_a_stored_name() {
        assertThat(EventType.values())
                .extracting(EventType::eventClass)
                .extracting(Object.class::cast)
                .containsExactlyInAnyOrder((Object[]) RunEvent.class.getPermittedSubclasses());
    }

    @Test
    void every_command_has_a_handler() {
        List<Class<?>> handled = Arrays.stream(Run.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(CommandHandler.class))
                .<Class<?>>map(method -> method.getParameterTypes()[0])
                .toList();

        assertThat(handled).containsExactlyInAnyOrderElementsOf(concreteCommands());
        assertThat(Stream.concat(commands(), ledgerCommands()).<Class<?>>map(Object::getClass))
                .containsExactlyInAnyOrderElementsOf(concreteCommands());
    }

    private static List<Class<?>> concreteCommands() {
        return Stream.of(RunCommand.class, RunCommand.Report.class, RunCommand.LedgerCommand.class)
                .flatMap(type -> Stream.of(type.getPermittedSubclasses()))
                .filter(Class::isRecord)
                .<Class<?>>map(type -> type)
                .toList();
    }

    private static Stream<RunCommand> commands() {
        return Stream.of(
                create(NO_TIME),
                new OpenBatch(create(NO_TIME)),
                start(),
                progress(null),
                checkpoint(null),
                note(),
                addArtifact(null),
                finish(null),
                complete(null),
                fail(null, HOPELESS),
                stop(),
                resume(),
                cancel());
    }

    /** What the ledger does by itself, about the attempt under way where it is about an attempt. */
    private static Stream<RunCommand> ledgerCommands() {
        return Stream.of(
                new QueueRun(RUN, context(), 0),
                new SkipRun(RUN, context(), "parent failed"),
                new ExpireLease(RUN, context(), 2),
                new TimeOutRun(RUN, context(), 2),
                new ExpireRun(RUN, context()),
                new TakeInItems(RUN, context(), 0, List.of(new Json("1")), false, null),
                new RecordItems(RUN, context(), Set.of(0), List.of(new ItemResult(0, new Json("1"), null))),
                new WithholdRun(create(NO_TIME), CANCELLED, "not wanted"),
                TaskSample.record(TaskSample.told("a", TASK, SUCCEEDED)),
                new CompleteTasks(RUN, context(), new Json("{}")));
    }

    /** The run is made of two tasks that are under way, where the command is about tasks. */
    private static List<RunEvent> historyFor(RunCommand command, RunStatus status) {
        if (!(command instanceof RecordTasks) && !(command instanceof CompleteTasks)) {
            return SampleRun.historyTo(status);
        }
        List<RunEvent> history = new ArrayList<>();
        for (RunEvent event : SampleRun.historyTo(status)) {
            history.add(
                    event instanceof RunCreated
                            ? TaskSample.created(TaskSample.plan(TaskSample.task("a"), TaskSample.task("b")))
                            : event);
            if (event instanceof RunQueued) {
                history.add(new RunTasksQueued(List.of(new QueuedTask("a", TASK), new QueuedTask("b", TASK))));
            }
        }
        return history;
    }

    static Stream<Arguments> cellsOfTheLedger() {
        return ledgerCommands()
                .flatMap(command -> Stream.of(RunStatus.values()).map(from -> Arguments.of(from, command)));
    }

    @ParameterizedTest(name = "{0} × {1}")
    @MethodSource("cellsOfTheLedger")
    void what_the_ledger_does_by_itself_keeps_to_the_table_too(RunStatus status, RunCommand command) {
        RunState state = new RunState();
        historyFor(command, status).forEach(event -> state.evolve(event.equals(started()) ? leased() : event));
        RunTransition row = RunDecider.rowOf(command);
        // The row of Queue also has the statuses out of which other commands lead to it.
        boolean allowed = row == RunTransition.QUEUE
                ? status == SCHEDULED || status == BLOCKED
                : FROM.get(row).contains(status);

        if (row == RunTransition.CREATE) {
            assertRefused(command, state, ProblemCode.CONFLICT);
        } else if (allowed) {
            List<RunEvent> events = RunDecider.decide(command, state);
            assertThat(events).isNotEmpty();
            events.forEach(state::evolve);
            // The end of a task may be the first that is heard of it, and starts the run.
            Set<RunStatus> same = command instanceof RecordTasks && status == QUEUED ? Set.of(RUNNING) : Set.of(status);
            assertThat(row.to().isEmpty() ? same : row.to()).contains(state.status());
        } else {
            assertRefused(command, state, ProblemCode.INVALID_TRANSITION);
        }
    }

    private static RunState stateIn(RunStatus status) {
        RunState state = new RunState();
        historyTo(status).forEach(state::evolve);
        assertThat(state.status()).isEqualTo(status);
        return state;
    }
}

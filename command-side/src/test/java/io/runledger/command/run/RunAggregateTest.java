package io.runledger.command.run;

import static io.runledger.command.run.SampleRun.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.CommandContext;
import io.runledger.api.RunEvent.*;
import io.runledger.command.store.EventHeader;
import io.runledger.command.store.WorkChange;
import java.time.Instant;
import java.util.List;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The wiring between Axon and the rules, once; the rules themselves are told in {@link RunDeciderTest}. */
class RunAggregateTest {

    private static final Instant LONG_AGO = Instant.parse("1999-12-31T23:59:59Z");

    private AggregateTestFixture<Run> run;

    @BeforeEach
    void wire() {
        run = new AggregateTestFixture<>(Run.class);
        run.registerCommandTargetResolver(new RunConfiguration().runOfCommand());
    }

    @Test
    void a_create_makes_the_aggregate() {
        run.givenNoPriorActivity()
                .when(create(NO_TIME))
                .expectSuccessfulHandlerExecution()
                .expectEvents(created(), queued())
                .expectResultMessagePayload(new Outcome(RUN, 1, null, true));
    }

    @Test
    void any_other_command_needs_a_run() {
        run.givenNoPriorActivity().when(start()).expectException(AggregateNotFoundException.class);
    }

    @Test
    void a_leased_start_answers_with_the_sequence_number_of_its_event() {
        run.given(created(), queued())
                .when(startLeased())
                .expectEvents(new RunStarted(1, "w1", 30))
                .expectResultMessagePayload(new Outcome(RUN, 2, 2L, true));
    }

    @Test
    void a_repeat_answers_without_events() {
        run.given(created(), queued(), new RunCancelled(null))
                .when(cancel())
                .expectNoEvents()
                .expectResultMessagePayload(new Outcome(RUN, 2, null, false));
    }

    @Test
    void a_refusal_reaches_the_caller_as_it_is() {
        run.given(created(), queued(), new RunCancelled(null)).when(start()).expectException(RunRefused.class);
    }

    @Test
    void every_event_carries_the_header_and_only_the_first_the_command_id() {
        CommandContext context = new CommandContext("default", "key:ci", NOW, LONG_AGO, "c-1", null, "req-1");
        MetaData header = EventHeader.of(context, true);
        WorkChange work = RunWork.change(create(NO_TIME), List.of(created(), queued()), new RunState());

        run.givenNoPriorActivity()
                .when(create(RUN, context, null, null))
                .expectSuccessfulHandlerExecution()
                .expectEvents(new EventMessage<?>[] {
                    message(created(), header),
                    message(
                            queued(),
                            header.withoutKeys(java.util.Set.of(EventHeader.COMMAND_ID))
                                    .and(EventHeader.WORK, work))
                });
        assertThat(header)
                .containsEntry(EventHeader.PROJECT, "default")
                .containsEntry(EventHeader.ACTOR, "key:ci")
                .containsEntry(EventHeader.CORRELATION_ID, "req-1")
                .containsEntry(EventHeader.CAUSATION_ID, "c-1")
                .containsEntry(EventHeader.COMMAND_ID, "c-1")
                .containsEntry(EventHeader.OCCURRED_AT, LONG_AGO);
    }

    private static EventMessage<?> message(Object payload, MetaData header) {
        return new org.axonframework.eventhandling.GenericEventMessage<>(payload, header);
    }
}

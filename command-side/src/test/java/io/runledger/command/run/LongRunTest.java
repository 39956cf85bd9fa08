package io.runledger.command.run;

import static io.runledger.command.run.SampleRun.context;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.Json;
import io.runledger.api.RunCommand.*;
import io.runledger.api.RunEvent;
import io.runledger.api.RunStatus;
import io.runledger.command.store.CountingDataSource;
import io.runledger.command.store.EventSerializer;
import io.runledger.command.store.PostgresEventStorageEngine;
import io.runledger.command.store.RunIds;
import io.runledger.command.store.TestPostgres;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.serialization.upcasting.event.NoOpEventUpcaster;
import org.junit.jupiter.api.Test;

/** A run with 10,000 events: what loading it costs, in statements that are asserted and in time that is printed. */
class LongRunTest {

    private static final int EVENTS = 10_000;
    private static final int BATCH = 1_000;

    @Test
    void ten_thousand_events_are_loaded_in_batches_and_once() {
        try (TestPostgres postgres = TestPostgres.create()) {
            var run = new RunIds(Clock.systemUTC()).next();
            CountingDataSource counting = new CountingDataSource(postgres.app());
            LedgerNode writer = new LedgerNode(postgres.app());
            writer.send(SampleRun.create(run, context(), null, null));
            writer.send(new StartRun(run, context(), null, null));
            PostgresEventStorageEngine engine = PostgresEventStorageEngine.create(
                    counting,
                    EventSerializer.create(),
                    NoOpEventUpcaster.INSTANCE,
                    Clock.systemUTC(),
                    () -> true,
                    List.of());
            for (long first = 3; first < EVENTS; first += 1_000) {
                engine.appendEvents(notes(run.toString(), first, Math.min(first + 1_000, EVENTS)));
            }

            for (int round = 1; round <= 3; round++) {
                int before = counting.statements();
                long start = System.nanoTime();
                RunState state = new RunState();
                engine.readEvents(run.toString(), 0)
                        .forEachRemaining(message -> state.evolve((RunEvent) message.getPayload()));
                System.out.printf("load and fold %d events: %d ms%n", EVENTS, (System.nanoTime() - start) / 1_000_000);
                assertThat(state.version()).isEqualTo(EVENTS - 1);
                assertThat(state.status()).isEqualTo(RunStatus.RUNNING);
                // The last, empty batch says that there is no more.
                assertThat(counting.statements() - before).isEqualTo(EVENTS / BATCH + 1);
            }

            LedgerNode reader = new LedgerNode(counting);
            int before = counting.statements();
            long start = System.nanoTime();
            reader.send(new NoteRun(run, context(), "first", null));
            long cold = System.nanoTime() - start;
            // The batches and the append: the hash of the last event came with it.
            assertThat(counting.statements() - before).isEqualTo(EVENTS / BATCH + 1 + 1);
            before = counting.statements();
            start = System.nanoTime();
            reader.send(new NoteRun(run, context(), "second", null));
            System.out.printf(
                    "command on it: first %d µs, then %d µs%n", cold / 1_000, (System.nanoTime() - start) / 1_000);
            assertThat(counting.statements() - before).isEqualTo(1);
        }
    }

    private static List<DomainEventMessage<?>> notes(String run, long from, long to) {
        List<DomainEventMessage<?>> messages = new ArrayList<>();
        LongStream.range(from, to)
                .forEach(sequence -> messages.add(new GenericDomainEventMessage<>(
                        "Run",
                        run,
                        sequence,
                        new RunEvent.RunNoted("agent.message", new Json("{\"step\":" + sequence + "}")),
                        io.runledger.command.store.EventHeader.of(context(), false))));
        return messages;
    }
}

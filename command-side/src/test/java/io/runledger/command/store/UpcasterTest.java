package io.runledger.command.store;

import static io.runledger.command.store.TestEvents.created;
import static io.runledger.command.store.TestEvents.newRun;
import static io.runledger.command.store.TestEvents.payloads;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.Json;
import io.runledger.api.RunEvent.RunNoted;
import io.runledger.api.RunId;
import java.time.Clock;
import java.util.List;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.serialization.SimpleSerializedType;
import org.axonframework.serialization.upcasting.event.EventUpcasterChain;
import org.axonframework.serialization.upcasting.event.IntermediateEventRepresentation;
import org.axonframework.serialization.upcasting.event.SingleEventUpcaster;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How an event of an older version is read: the example to copy when a payload's shape changes for the first time. */
class UpcasterTest {

    /** Reads an imagined predecessor of run.noted, {@code {"kind": …, "data": …}}, as version 1. */
    private static final class NotedUpcaster extends SingleEventUpcaster {

        @Override
        protected boolean canUpcast(IntermediateEventRepresentation event) {
            return event.getType().equals(new SimpleSerializedType("run.remarked", "1"));
        }

        @Override
        protected IntermediateEventRepresentation doUpcast(IntermediateEventRepresentation event) {
            return event.upcastPayload(new SimpleSerializedType("run.noted", "1"), JsonNode.class, old -> {
                ObjectNode payload = ((ObjectNode) old).objectNode();
                payload.set("type", old.get("kind"));
                payload.set("payload", old.get("data"));
                return payload;
            });
        }
    }

    @Test
    void an_event_of_another_shape_is_read_through_the_chain_digit_by_digit() {
        String data = "{\"z\":18446744073709551616,\"a\":1.10,\"pi\":3.14159265358979323846264338327950288,"
                + "\"n\":null,\"text\":\"é\",\"empty\":{}}";
        try (TestPostgres postgres = TestPostgres.create()) {
            RunId run = newRun();
            PostgresEventStorageEngine engine = PostgresEventStorageEngine.create(
                    postgres.app(),
                    EventSerializer.create(),
                    new EventUpcasterChain(new NotedUpcaster()),
                    Clock.systemUTC(),
                    () -> true,
                    List.of());
            TestEvents.append(engine, run, 0, created(run, null));
            writeOld(postgres, run, "{\"kind\":\"agent.message\",\"data\":" + data + "}");

            RunNoted noted = new RunNoted("agent.message", new Json(data));
            assertThat(payloads(engine, run)).containsExactly(created(run, null), noted);
            try (var events = engine.readEvents(null, false)) {
                assertThat(events.map(TrackedEventMessage::getPayload)).last().isEqualTo(noted);
            }
        }
    }

    private static void writeOld(TestPostgres postgres, RunId run, String payload) {
        JdbcClient.create(postgres.owner())
                .sql("""
                        insert into ledger.event (id, project, run_id, sequence, type, version, payload, payload_bytes,
                            actor, occurred_at, recorded_at, hash)
                        values (gen_random_uuid(), 'default', ?, 1, 'run.remarked', 1, ?::json, 1, 'a', now(), now(),
                            decode(repeat('00', 32), 'hex'))""")
                .params(run.value(), payload)
                .update();
    }
}

package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Limits that are so small here that one more caller, or a few seconds more, are too many. */
@RunningLedger
@TestPropertySource(
        properties = {
            "server.tomcat.connection-timeout=500ms",
            "runledger.limits.body-silence=8s",
            "runledger.limits.waiting-callers=1",
            "runledger.database.connections=4",
            "runledger.database.connection-timeout=500ms",
            "runledger.work.waiting-claims=1"
        })
@Timeout(120)
class SmallLimitsIT {

    private final int port;
    private final DataSource database;

    SmallLimitsIT(@LocalServerPort int port, DataSource database) {
        this.port = port;
        this.database = database;
    }

    @Test
    void a_stream_of_commands_waits_for_its_next_line_but_not_for_ever() throws IOException {
        // The first command of all takes its time, which would count as silence.
        new LedgerClient(port).queued();
        AtomicLong line = new AtomicLong();
        try (RawConnection connection = new RawConnection(port)) {
            connection.send(RawConnection.head(
                    "POST /v1/commands", "Content-Type: application/x-ndjson", "Transfer-Encoding: chunked"));
            give(connection);
            assertThat(connection.status()).isEqualTo(200);
            connection.headers();
            assertThat(answered(connection)).isEqualTo(line.getAndIncrement());
            // Quiet for longer than a connection without a request may be.
            await().pollDelay(Duration.ofMillis(1_500)).until(() -> {
                give(connection);
                return answered(connection) == line.get();
            });
            // Nothing more is said: the ledger ends it, without a last chunk.
            assertThatThrownBy(connection::answerChunk).isInstanceOfAny(IOException.class, NumberFormatException.class);
        }
    }

    @Test
    void one_caller_too_many_does_not_wait_for_a_run_to_end() throws Exception {
        LedgerClient ledger = new LedgerClient(port);
        String create = "{\"target\": \"task:waited-for\", \"queue\": \"nobodys\"}";
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> first = callers.submit(() -> ledger.post("/v1/runs", create, "Prefer", "wait=4"));
            // Until the first one waits, another takes its place for a moment.
            await().atMost(Duration.ofSeconds(3)).until(() -> {
                ledger.post("/v1/runs", create, "Prefer", "wait=4").is(202);
                return !first.isDone();
            });
            assertThat(first.get().is(202).text("/status")).isEqualTo("queued");
        }
    }

    @Test
    void one_worker_too_many_is_asked_to_come_back() throws Exception {
        LedgerClient ledger = new LedgerClient(port);
        String claim =
                "{\"worker\": \"w\", \"queues\": [\"small-limits\"], \"wait_seconds\": %d, \"lease_seconds\": 5}";
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> first = callers.submit(() -> ledger.post("/v1/claims", claim.formatted(4)));
            Answer refused = await().atMost(Duration.ofSeconds(3))
                    .until(() -> ledger.post("/v1/claims", claim.formatted(0)), answer -> answer.status() != 200);
            refused.isProblem(503, "unavailable");
            assertThat(refused.header("retry-after")).matches("\\d+");
            assertThat(first.get().is(200).json().at("/claims")).isEmpty();
        }
    }

    @Test
    void a_stream_that_must_read_much_waits_for_itself_and_leaves_a_connection_to_others() throws Exception {
        LedgerClient ledger = new LedgerClient(port);
        String creates = IntStream.range(0, 3_000)
                .mapToObj(i ->
                        "{\"command\": \"create\", \"target\": \"task:many\", \"key\": \"many-%d\", \"command_id\": \"c\"}\n"
                                .formatted(i))
                .collect(Collectors.joining());
        List<JsonNode> first = ledger.commands(creates);
        assertThat(first).hasSize(3_000).noneMatch(answer -> answer.has("error"));
        // Every line is a repeat now, and what it came to must be looked up.
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
                Connection one = database.getConnection();
                Connection other = database.getConnection()) {
            assertThat(List.of(one.isValid(1), other.isValid(1))).containsOnly(true);
            Future<List<JsonNode>> again = callers.submit(() -> ledger.commands(creates));
            do {
                ledger.get("/v1/runs/key:many-0/events").is(200);
            } while (!again.isDone());
            assertThat(again.get()).isEqualTo(first);
        }
    }

    private static void give(RawConnection connection) throws IOException {
        connection.chunk("{\"command\": \"create\", \"target\": \"task:quiet\"}\n");
    }

    private static long answered(RawConnection connection) throws IOException {
        return Answer.json(connection.answerChunk()).at("/line").asLong();
    }
}

package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** A caller that gives commands while it reads the answers may be quiet for longer than one that sends no request. */
@RunningLedger
@TestPropertySource(properties = {"server.tomcat.connection-timeout=500ms", "runledger.limits.body-silence=8s"})
@Timeout(120)
class QuietCommandsIT {

    private final int port;

    QuietCommandsIT(@LocalServerPort int port) {
        this.port = port;
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

    private static void give(RawConnection connection) throws IOException {
        connection.chunk("{\"command\": \"create\", \"target\": \"task:quiet\"}\n");
    }

    private static long answered(RawConnection connection) throws IOException {
        return Answer.json(connection.answerChunk()).at("/line").asLong();
    }
}

package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

@RunningLedger
class AnswerBufferTest {

    private final int port;
    private final LedgerClient ledger;

    AnswerBufferTest(@LocalServerPort int port) {
        this.port = port;
        this.ledger = new LedgerClient(port);
    }

    @Test
    void an_answer_of_some_kilobytes_tells_its_length_also_after_a_stream_on_the_same_connection() throws IOException {
        String run = ledger.post("/v1/runs", "{\"target\": \"task:a\", \"input\": \"" + "x".repeat(4_000) + "\"}")
                .is(201)
                .text("/id");
        ledger.post("/v1/runs/" + run + "/cancel", "{}").is(200);
        try (RawConnection connection = new RawConnection(port)) {
            connection.send(RawConnection.head("GET /v1/runs/" + run + "/events", "Accept: text/event-stream"));
            Answer stream = connection.answer();
            assertThat(stream.header("transfer-encoding")).isEqualTo("chunked");
            assertThat(stream.body()).contains("x".repeat(4_000)).endsWith(": the run has ended\n\n");
            connection.send(RawConnection.head("GET /v1/runs/" + run + "/events"));
            assertThat(Integer.parseInt(connection.answer().header("content-length")))
                    .isGreaterThan(4_000);
        }
    }
}

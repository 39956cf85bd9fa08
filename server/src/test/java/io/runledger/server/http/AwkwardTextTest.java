package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/** JSON that PostgreSQL cannot take apart comes back as it was given wherever the ledger takes it apart. */
@RunningLedger
class AwkwardTextTest {

    private static final List<String> VALUES = List.of(
            "\"\\u0000\"",
            "{\"\\u0000\":[\"\\udc00\\ud800x\",\"\\\\u0000\",\"\\\\\\u0000\",\"\\u0001\\u00010000\",\"\\n\\u0000\"]}",
            "\"plain\"");

    private final LedgerClient ledger;

    AwkwardTextTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    @Test
    void items_are_claimed_reported_and_listed() {
        String all = String.join(",", VALUES);
        String run = ledger.post("/v1/runs", "{\"target\": \"task:t\", \"inputs\": [" + all + "]}")
                .is(201)
                .header("location");
        assertThat(ledger.get(run + "/items").is(200).body()).contains(fields("input"));
        Answer claim = ledger.post(run + "/items/claim", "{\"worker\": \"w\", \"max\": 10, \"lease_seconds\": 60}")
                .is(200);
        assertThat(claim.body()).contains(fields("input"));
        StringBuilder results = new StringBuilder();
        for (int index = 0; index < VALUES.size(); index++) {
            results.append(index == 0 ? "" : ",")
                    .append("{\"index\":" + index + ",\"output\":" + VALUES.get(index) + "}");
        }
        String position = ledger.post(
                        run + "/items/results",
                        "{\"lease_token\": \"" + claim.text("/lease_token") + "\", \"results\": [" + results + "]}")
                .is(200)
                .header("ledger-position");
        assertThat(ledger.get(run + "/items", "Ledger-Position", position)
                        .is(200)
                        .body())
                .contains(fields("input"))
                .contains(fields("output"));
    }

    private static List<String> fields(String name) {
        return VALUES.stream().map(value -> "\"" + name + "\":" + value).toList();
    }

    @Test
    void a_run_is_resumed_with_another_input() {
        String run = ledger.post("/v1/runs", "{\"target\": \"task:t\", \"input\": \"\\u0000\"}")
                .is(201)
                .header("location");
        ledger.post(run + "/stop", "{}").is(200);
        ledger.post(run + "/resume", "{\"input\": 1}").is(200);
    }
}

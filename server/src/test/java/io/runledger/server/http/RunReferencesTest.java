package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.Ulid;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.json.JsonMapper;

/** A run is found by its id in either spelling, and by its key, whatever the key holds. */
@RunningLedger
class RunReferencesTest {

    private final LedgerClient ledger;

    RunReferencesTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
    }

    @Test
    void a_run_is_found_by_ulid_and_uuid_in_upper_and_lower_case() {
        String id = ledger.queued();
        String uuid = String.valueOf(Ulid.parse(id));
        for (String spelling : new String[] {id, id.toLowerCase(Locale.ROOT), uuid, uuid.toUpperCase(Locale.ROOT)}) {
            assertThat(ledger.run(spelling).at("/id").asString()).isEqualTo(id);
            assertThat(ledger.get("/v1/runs/" + spelling + "/events").is(200).text("/data/0/run_id"))
                    .isEqualTo(id);
            assertThat(ledger.get("/v1/runs?id=" + spelling).is(200).status()).isEqualTo(200);
        }
        ledger.post("/v1/runs/" + uuid + "/start", "{}").is(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "a/b",
                "/",
                "a//b",
                "../../etc/passwd",
                ".",
                "..",
                "with space",
                " edge ",
                "100%",
                "%2F",
                "%",
                "a;b=c",
                "a?b#c",
                "a&b=c+d",
                "żółć",
                "日本語",
                "😀",
                "a\\b",
                "key:key",
                "'; drop table x; --",
                "<b>",
                "\"quoted\"",
                "a\tb",
                "line\nbreak",
                "{x}",
                "[1]",
                "~",
                "a,b",
                "\u202Eright",
                "\u00a0",
                "e\u0301",
                "\u2028"
            })
    void a_run_is_found_by_its_key(String key) {
        String body = JsonMapper.shared().writeValueAsString(java.util.Map.of("target", "task:t", "key", key));
        String id = ledger.post("/v1/runs", body).is(201).text("/id");
        String path = "/v1/runs/key:" + LedgerClient.encoded(key);
        Answer found = ledger.get(path).is(200);
        assertThat(found.text("/id")).isEqualTo(id);
        assertThat(found.text("/key")).isEqualTo(key);
        assertThat(ledger.get(path + "/events").is(200).text("/data/0/run_id")).isEqualTo(id);
        assertThat(ledger.get(path + "/verify").is(200).json().at("/valid").asBoolean())
                .isTrue();
        ledger.post(path + "/start", "{}").is(200);
        ledger.post(path + "/cancel", "{}").is(200);
        String position = found.header("ledger-position");
        Answer list = ledger.get("/v1/runs?key=" + LedgerClient.encoded(key), "Ledger-Position", position);
        assertThat(list.is(200).text("/data/0/id")).isEqualTo(id);
        String line =
                JsonMapper.shared().writeValueAsString(java.util.Map.of("command", "cancel", "run", "key:" + key));
        assertThat(ledger.commands(line).getFirst().at("/run_id").asString()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "key:nobody",
                "key:",
                "01ARZ3NDEKTSV4RRFFQ69G5FAV",
                "016e3e4c-0000-7000-8000-000000000000",
                "key:%F0%9F%98%80x"
            })
    void what_does_not_exist_is_not_found(String reference) {
        ledger.get("/v1/runs/" + reference).isProblem(404, "not_found");
        ledger.get("/v1/runs/" + reference + "/events").isProblem(404, "not_found");
        ledger.get("/v1/runs/" + reference + "/verify").isProblem(404, "not_found");
        ledger.post("/v1/runs/" + reference + "/cancel", "{}").isProblem(404, "not_found");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "x",
                "01ARZ3NDEKTSV4RRFFQ69G5FAU",
                "81ARZ3NDEKTSV4RRFFQ69G5FAV",
                "01ARZ3NDEKTSV4RRFFQ69G5FA",
                "Key:x",
                "key",
                "016e3e4c-0000-7000-8000-00000000000g",
                "016e3e4c000070008000000000000000",
                "%20",
                "null",
                "..%2Fx",
                "%E2%80%AE"
            })
    void what_is_no_reference_is_bad_input(String reference) {
        ledger.get("/v1/runs/" + reference).pointsTo("id");
        ledger.get("/v1/runs/" + reference + "/events").pointsTo("id");
        ledger.get("/v1/runs/" + reference + "/verify").pointsTo("id");
        ledger.post("/v1/runs/" + reference + "/cancel", "{}").isProblem(400, "bad_request");
    }
}

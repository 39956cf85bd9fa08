package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.http.PublishedApi.Call;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * Requests that nobody would send by mistake, to every call of the published description: none of them is a fault of the
 * ledger, tells of its inside, or leaves anything behind that others can see. A failure names its seed.
 */
@RunningLedger
@ExtendWith(OutputCaptureExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileRequestsTest {

    private static final int REQUESTS = Boolean.getBoolean("runledger.thorough") ? 10_000 : 1_500;
    private static final long SEED = Long.getLong("runledger.seed", 20_261_122);

    private static final List<String> TEXTS = List.of(
            "'; drop table runs; --",
            "' or '1'='1",
            "<script>alert(1)</script>",
            "${jndi:ldap://127.0.0.1/a}",
            "{{7*7}}",
            "../../../../etc/passwd",
            "..\\..\\windows",
            "a\r\nSet-Cookie: a=b",
            "\u0000",
            "\u202Eevil",
            "\uFEFF",
            "\uD83D\uDE00".repeat(50),
            "%s%n%x",
            "9".repeat(400),
            "-1",
            "1e999",
            "null",
            "a".repeat(3_000),
            "key:",
            "*",
            "");

    /** As they stand in a URL; none of them means anything. */
    private static final List<String> ENCODED = List.of(
            "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "%00", "%ff%fe", "%c0%ae", "%25%32%65", "%0d%0aX:%20y", "%ED%A0%80", "%7b%7d");

    private static final List<String> JSON = List.of(
            "null",
            "true",
            "-0",
            "1e400",
            "123456789012345678901234567890",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "[]",
            "{}",
            "[[[]]]",
            "{\"a\":1,\"a\":2}",
            "\"" + "x".repeat(100_000) + "\"",
            "NaN",
            "'a'",
            "[".repeat(5_000),
            "{\"a\":".repeat(5_000));

    private static final List<String> HEADERS = List.of(
            "If-Match",
            "Prefer",
            "Idempotency-Key",
            "Last-Event-ID",
            "Ledger-Position",
            "X-Request-Id",
            "traceparent",
            "Accept-Language",
            "X-Forwarded-For",
            "X-HTTP-Method-Override");

    private final LedgerClient ledger;
    private final PublishedApi api;
    private LedgerClient attacker;
    private String run;
    private String cursor;

    HostileRequestsTest(@LocalServerPort int port) {
        ledger = new LedgerClient(port);
        api = new PublishedApi(ledger);
    }

    @BeforeAll
    void a_project_to_attack_from() {
        ledger.post("/v1/projects", "{\"slug\": \"hostile\"}").is(201);
        attacker = ledger.withKey(ledger.newKey("hostile", "worker"));
        run = attacker.queued();
        String position = attacker.post("/v1/runs", "{\"target\": \"task:t\"}").header("ledger-position");
        cursor = attacker.get("/v1/runs?limit=1", "Ledger-Position", position)
                .is(200)
                .text("/next");
    }

    @Test
    void no_request_is_a_fault_of_the_ledger_or_learns_of_its_inside(CapturedOutput output) {
        // One that waits for the end of a run waits as long as it may, whatever else is wrong.
        List<Call> calls = api.calls().stream()
                .filter(call -> !call.path().endsWith("/live"))
                .toList();
        Map<Integer, Integer> statuses = new TreeMap<>();
        long[] micros = new long[REQUESTS];
        for (int i = 0; i < REQUESTS; i++) {
            Random random = new Random(SEED + i);
            Call call = calls.get(random.nextInt(calls.size()));
            HttpRequest.Builder request = request(call, random);
            long begun = System.nanoTime();
            Answer answer = attacker.send(request);
            micros[i] = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begun);
            String what = "seed " + (SEED + i) + ": " + request.build() + ": " + answer.status() + " " + answer.body();
            statuses.merge(answer.status(), 1, Integer::sum);
            if (answer.status() >= 400) {
                assertThat(answer.status() < 500 || answer.status() == 501)
                        .as(what)
                        .isTrue();
                answer.isProblem(answer.status(), answer.text("/code"));
            }
            assertThat(answer.header("set-cookie")).as(what).isNull();
        }
        Arrays.sort(micros);
        System.out.printf(
                "%d hostile requests: %s; median %d us, p99 %d us, worst %d us%n",
                REQUESTS, statuses, micros[REQUESTS / 2], micros[REQUESTS * 99 / 100], micros[REQUESTS - 1]);
        assertThat(statuses.keySet()).contains(400, 404);
        // Nobody writes a line of the log but the ledger, and no key stands in it.
        assertThat(output.getAll())
                .doesNotContainPattern("(?m)^Set-Cookie")
                .doesNotContain(LedgerClient.KEY)
                .doesNotContainPattern("rl_[0-9A-Z]{26}_[A-Za-z0-9_-]{20}");
        ledger.get("/v1/runs").is(200);
    }

    private HttpRequest.Builder request(Call call, Random random) {
        String path = call.path();
        for (int open = path.indexOf('{'); open >= 0; open = path.indexOf('{')) {
            path = path.substring(0, open) + segment(random) + path.substring(path.indexOf('}') + 1);
        }
        HttpRequest.Builder request = attacker.request(path + query(call, random));
        if (random.nextInt(4) == 0) {
            String value = one(TEXTS, random).replaceAll("[^ -~]", "");
            request.header(one(HEADERS, random), value);
        }
        if (call.method().equals("GET")) {
            return request;
        }
        request.header("content-type", random.nextInt(20) == 0 ? "text/plain" : contentType(call));
        return request.method(call.method(), body(call, random));
    }

    private static String contentType(Call call) {
        return call.contentType().isEmpty() ? "application/json" : call.contentType();
    }

    private String segment(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> run;
            case 1 -> one(ENCODED, random);
            case 2 -> "key:" + LedgerClient.encoded(one(TEXTS, random));
            default -> "x" + LedgerClient.encoded(one(TEXTS, random));
        };
    }

    private String query(Call call, Random random) {
        List<String> names = new ArrayList<>(call.queryParameters());
        names.add("label." + one(TEXTS, random));
        names.add(one(TEXTS, random));
        StringBuilder query = new StringBuilder("?");
        for (int i = random.nextInt(3); i > 0; i--) {
            String value = switch (random.nextInt(4)) {
                case 0 -> tampered(random);
                case 1 -> one(ENCODED, random);
                default -> LedgerClient.encoded(one(TEXTS, random));
            };
            query.append(LedgerClient.encoded(one(names, random)))
                    .append('=')
                    .append(value)
                    .append('&');
        }
        return query.toString();
    }

    private String tampered(Random random) {
        char[] letters = cursor.toCharArray();
        letters[random.nextInt(letters.length)] = (char) ('a' + random.nextInt(26));
        return new String(letters);
    }

    private BodyPublisher body(Call call, Random random) {
        String sample = api.body(call);
        return switch (random.nextInt(8)) {
            case 0 -> BodyPublishers.noBody();
            case 1 -> BodyPublishers.ofString(one(JSON, random));
            case 2 -> BodyPublishers.ofString(sample.substring(0, sample.length() / 2));
            case 3 -> BodyPublishers.ofByteArray(new byte[] {'{', '"', (byte) 0xC0, (byte) 0xAF, '"', ':', '1', '}'});
            case 4 -> BodyPublishers.ofString("\uFEFF" + sample, StandardCharsets.UTF_8);
            case 5 -> BodyPublishers.ofString(sample + one(JSON, random));
            case 6 ->
                random.nextInt(20) == 0
                        ? BodyPublishers.ofString("{\"target\": \"" + "x".repeat(3 << 19) + "\"}")
                        : BodyPublishers.ofString(
                                sample.replaceFirst("\"x\"|1", one(JSON, random).replace("\\", "\\\\")));
            default -> BodyPublishers.ofString(sample.replaceFirst("\"x\"", quoted(one(TEXTS, random))));
        };
    }

    private static String quoted(String text) {
        return java.util.regex.Matcher.quoteReplacement("\""
                + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("[\\x00-\\x1f]", "\\\\u0001") + "\"");
    }

    private static <T> T one(List<T> all, Random random) {
        return all.get(random.nextInt(all.size()));
    }
}

package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Requests that are wrong before a body is read: addresses, methods, headers, and what is no HTTP at all. */
@RunningLedger
class BadRequestTest {

    private static final String KEY = "x-api-key: " + LedgerClient.KEY + "\r\n";

    private final int port;
    private final LedgerClient ledger;
    private final Events events;
    private long before;

    BadRequestTest(@LocalServerPort int port, DataSource database) {
        this.port = port;
        this.ledger = new LedgerClient(port);
        this.events = new Events(database);
    }

    @BeforeEach
    void count() {
        before = events.count();
    }

    @AfterEach
    void nothing_was_written_and_the_ledger_goes_on() {
        assertThat(events.count()).isEqualTo(before);
        ledger.get("/v1/runs").is(200);
    }

    @ParameterizedTest
    @CsvSource({"1000,404", "1100,400"})
    void what_follows_a_body_in_chunks_has_a_kilobyte_at_most(int length, int status) throws IOException {
        try (RawConnection connection = new RawConnection(port)) {
            connection.send(RawConnection.head(
                    "POST /v1/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV/cancel",
                    "Content-Type: application/json",
                    "Transfer-Encoding: chunked"));
            connection.chunk("{}");
            connection.send("0\r\nX-Sum: " + "s".repeat(length) + "\r\n\r\n");
            assertThat(connection.status()).isEqualTo(status);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/v1",
                "/v1/",
                "/v1/nothing",
                "/v2/runs",
                "/v1/runs/",
                "/v1/runs/x/y/z",
                "/v1/runs/key:a/b",
                "/V1/runs",
                "/v1/runs.json",
                "/index.html",
                "/favicon.ico",
                "/error",
                "/actuator/env",
                "/actuator/heapdump",
                "/actuator/shutdown",
                "/v1/events/1",
                "/etc/passwd",
                "/swagger-ui/..%2f..%2fapplication.yaml",
                "/docs/nothing",
                "/swagger-ui/nothing.js",
                "/v3/api-docs/nothing",
                "/v1/runs/key:a%2Fb/nothing",
                "/actuator/sbom",
                "/actuator/sbom/application",
                "/META-INF/sbom/application.cdx.json",
                "/application.yaml",
                "/BOOT-INF/classes/application.yaml"
            })
    void unknown_addresses_are_not_found(String path) throws IOException {
        RawConnection.exchange(port, RawConnection.head("GET " + path, "Connection: close"))
                .isProblem(404, "not_found");
        Answer posted = RawConnection.exchange(
                port, RawConnection.head("POST " + path, "Connection: close", "Content-Length: 0"));
        assertThat(posted.status()).as(posted.body()).isIn(404, 405);
        posted.isProblem(posted.status(), posted.status() == 404 ? "not_found" : "method_not_allowed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/docs/../application.yaml",
                "/docs/%2e%2e/%2e%2e/application.yaml",
                "/docs/..;/..;/application.yaml",
                "/swagger-ui/%2e%2e%2f%2e%2e%2fapplication.yaml",
                "/swagger-ui/..%5c..%5capplication.yaml",
                "/swagger-ui/....//....//application.yaml",
                "/swagger-ui/%252e%252e/application.yaml",
                "/swagger-ui/%c0%ae%c0%ae/application.yaml",
                "/swagger-ui/file:/etc/passwd",
                "/swagger-ui//etc/passwd",
                "/swagger-ui/%00/etc/passwd",
                "/webjars/../../etc/passwd",
                "/v3/api-docs/../../etc/passwd",
                "/v1/definitions/task/..%2f..%2fetc%2fpasswd",
                "/v1/projects/..%2f..%2fetc%2fpasswd"
            })
    void no_path_leads_to_a_file(String path) throws IOException {
        for (String tried : List.of(path, path + "a".repeat(4_000))) {
            Answer answer = RawConnection.exchange(port, RawConnection.head("GET " + tried, "Connection: close"));
            assertThat(answer.status()).as(tried + ": " + answer.body()).isIn(400, 404);
            assertThat(answer.body()).as(tried).doesNotContain("root:").doesNotContain("data-dir");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "DELETE, /v1/runs", "PUT, /v1/runs", "PATCH, /v1/runs/key:x", "DELETE, /v1/runs/key:x", "POST, /v1/runs/key:x",
        "GET, /v1/runs/key:x/start", "GET, /v1/commands", "PUT, /v1/commands", "POST, /v1/events",
                "POST, /v1/runs/key:x/verify",
        "TRACE, /v1/runs", "TRACE, /v1/runs?x=1", "BREW, /v1/runs", "get, /v1/runs", "PROPFIND, /v1/runs"
    })
    void other_methods_are_not_allowed(String method, String path) throws IOException {
        Answer answer = RawConnection.exchange(
                port, RawConnection.head(method + " " + path, "Connection: close", "Content-Length: 0"));
        answer.isProblem(405, "method_not_allowed");
        assertThat(answer.header("allow")).isNotBlank().doesNotContain(method);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CONNECT /v1/runs HTTP/1.1\r\n",
                "GET /v1/../etc/passwd HTTP/1.1\r\n",
                "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n",
                "GET /docs/%2e%2e/%2e%2e/application.yaml HTTP/1.1\r\n",
                "GET /../../etc/passwd HTTP/1.1\r\n",
                "GET //etc/passwd HTTP/1.1\r\n",
                "GET /docs/..%5c..%5capplication.yaml HTTP/1.1\r\n",
                "GET /docs/..;/..;/application.yaml HTTP/1.1\r\n",
                "GET /v1/runs/% HTTP/1.1\r\n",
                "GET /v1/runs/%4 HTTP/1.1\r\n",
                "GET /v1/runs/%zz HTTP/1.1\r\n",
                "GET /v1/runs/%00 HTTP/1.1\r\n",
                "GET /v1/runs/key:%C3%28 HTTP/1.1\r\n",
                "GET /v1/runs/key:%FF HTTP/1.1\r\n",
                "GET /v1/runs/key:%ED%A0%80 HTTP/1.1\r\n",
                "GET /v1/runs/<script> HTTP/1.1\r\n",
                "GET /v1/runs/a\"b HTTP/1.1\r\n",
                "GET /v1/runs/{x} HTTP/1.1\r\n",
                "GET /v1/runs/ä HTTP/1.1\r\n",
                "GET /v1/runs?key=%zz HTTP/1.1\r\n",
                "GET /v1/runs?key=% HTTP/1.1\r\n",
                "GET /v1/runs?%zz=1 HTTP/1.1\r\n",
                "GET /v1/runs?key=%FF HTTP/1.1\r\n",
                "GET /v1/runs?=x HTTP/1.1\r\n",
                "GET /v1/runs?key=<> HTTP/1.1\r\n",
                "GET /v1/runs?limit=1;2 HTTP/1.1\r\n",
                "GET /v1/runs?limit=%31%00 HTTP/1.1\r\n",
                "GET /v1/runs/key:x?%zz HTTP/1.1\r\n",
                "GET  HTTP/1.1\r\n",
                "GET\r\n",
                "\u0000\u0001\u0002\r\n",
                "G\u0000T / HTTP/1.1\r\n",
                "GET /v1/runs HTTP/1.1 extra\r\n",
                "GET /v1/runs HTTP/one\r\n",
                "GET v1/runs HTTP/1.1\r\n",
                "GET /v1/runs HTTP/1.1\r\nHost: a b\r\n",
                "GET /v1/runs HTTP/1.1\r\nHost: b\r\n",
                "GET /v1/runs HTTP/1.1\r\nno colon\r\n",
                "GET /v1/runs HTTP/1.1\r\na\u0000b: c\r\n",
                "GET /v1/runs HTTP/1.1\r\nContent-Length: x\r\n",
                "GET /v1/runs HTTP/1.1\r\nContent-Length: -1\r\n",
                "GET /v1/runs HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
                "GET /v1/runs HTTP/1.1\r\nTransfer-Encoding: nonsense\r\n",
                "POST /v1/runs HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "POST /v1/runs HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
                "GET /v1/runs HTTP/2.0\r\n",
                "GET /v1/runs HTTP/9.9\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\r\n"
            })
    void broken_requests_get_a_problem_or_are_cut_off(String start) throws IOException {
        String rest = start.contains("\r\n\r\n") ? "" : "Host: localhost\r\n" + KEY + "Connection: close\r\n\r\n";
        String request =
                start.contains("\r\n\r\n") ? start.replaceFirst("\r\n", "\r\nHost: localhost\r\n" + KEY) : start + rest;
        Answer answer;
        try {
            answer = RawConnection.exchange(port, request);
        } catch (EOFException | SocketException e) {
            return;
        }
        assertThat(answer.status()).as(answer.body()).isIn(400, 404, 501, 505);
        assertThat(answer.header("content-type")).as(answer.body()).isEqualTo("application/problem+json");
        answer.isProblem(answer.status(), answer.text("/code"));
    }

    @Test
    void headers_may_be_many_and_long_only_so_far() throws IOException {
        String[] bombs = {
            "x: y\r\n".repeat(10_000),
            "long: " + "x".repeat(1_000_000) + "\r\n",
            "x".repeat(100_000) + ": y\r\n",
            "cookie: " + "a=b; ".repeat(20_000) + "\r\n"
        };
        for (String bomb : bombs) {
            Answer answer;
            try {
                answer = RawConnection.exchange(
                        port, "GET /v1/runs HTTP/1.1\r\nHost: localhost\r\n" + KEY + bomb + "\r\n");
            } catch (EOFException | SocketException e) {
                continue;
            }
            assertThat(answer.status()).isBetween(400, 431);
            assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
        }
        Answer longUrl;
        try {
            longUrl = RawConnection.exchange(port, RawConnection.head("GET /v1/runs?key=" + "x".repeat(100_000)));
        } catch (EOFException | SocketException e) {
            return;
        }
        assertThat(longUrl.status()).isBetween(400, 431);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/runs?x=1, x",
        "/v1/runs/key:x/start?x=1, x",
        "/v1/runs/key:x/cancel?force=true, force",
        "/v1/commands?wait=1, wait",
        "/v1/runs?%20=1, ' '"
    })
    void commands_refuse_query_parameters_that_they_do_not_know(String path, String name) {
        if (path.startsWith("/v1/commands")) {
            ledger.send(ledger.request(path)
                            .header("content-type", "application/x-ndjson")
                            .POST(BodyPublishers.ofString("")))
                    .isProblem(400, "bad_request");
        } else {
            ledger.post(path, "{\"target\": \"task:t\"}").pointsTo(name);
        }
    }

    @Test
    void a_fault_of_the_clients_is_never_a_5xx_whatever_header_is_odd() {
        String[][] headers = {
            {"Accept", "text/html"},
            {"Accept", "a/b/c"},
            {"Accept", ""},
            {"Accept-Language", "xx-yy-zz"},
            {"Content-Type", "a"},
            {"Range", "bytes=0-1"},
            {"If-None-Match", "\"1\""},
            {"If-Modified-Since", "never"},
            {"Prefer", "a\"b"},
            {"Origin", "https://evil.example"},
            {"X-Forwarded-Host", "evil.example"},
            {"X-Forwarded-Proto", "gopher"},
            {"Forwarded", "for=\"_x\";;"},
            {"X-HTTP-Method-Override", "DELETE"},
            {"traceparent", "00-zz"},
            {"Cookie", "JSESSIONID=x"},
            {"Authorization", "Basic x"},
            {"Accept-Encoding", "*;q=0"}
        };
        for (String[] header : headers) {
            for (String path :
                    new String[] {"/v1/runs", "/v1/events", "/v1/runs/key:nobody", "/v3/api-docs", "/actuator/health"
                    }) {
                Answer answer = ledger.get(path, header);
                assertThat(answer.status())
                        .as(header[0] + " " + path + ": " + answer.body())
                        .isLessThan(500);
                if (answer.status() >= 400 && path.startsWith("/v1")) {
                    answer.isProblem(answer.status(), answer.text("/code"));
                }
            }
        }
    }
}

package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What callers write into names, labels, definitions and whatever else there is stays text in a real browser: in every answer
 * that is opened in it, and in the one page that the ledger has, which shows answers.
 */
@RunningLedger
@ExtendWith(OutputCaptureExtension.class)
@Timeout(120)
class BrowserIT {

    private static final boolean THOROUGH = Boolean.getBoolean("runledger.thorough");

    /** So many answers are opened in the browser where not all of them are. */
    private static final int FEW = 14;

    private static final JsonMapper JSON = JsonMapper.shared();

    /** In each of the texts, so that none is missed. */
    private static final String MARK = "pwn7q";

    private static final List<String> TEXTS = List.of(
            "<script>alert('pwn7q')</script>",
            "<img src=x onerror=alert('pwn7q')>",
            "\"'></pre><svg onload=alert('pwn7q')>",
            "javascript:alert('pwn7q')",
            "'; drop table ledger.event; -- pwn7q",
            "${jndi:ldap://127.0.0.1:9/pwn7q} {{constructor.constructor('alert(1)')()}}",
            "pwn7q\r\nSet-Cookie: pwn7q=1\r\n\r\n<script>alert('pwn7q')</script>",
            "../../../../etc/pwn7q",
            "\u202Egnp.q7nwp\u202C pwn7q \u200B\u2060\uFEFF\u2028alert('pwn7q')//");

    /** All that a browser makes of a text to show it. */
    private static final Set<String> SHOWN = Set.of("HTML", "HEAD", "META", "BODY", "PRE", "DIV");

    private final int port;
    private final LedgerClient ledger;
    private final String key;

    @TempDir
    Path profile;

    BrowserIT(@LocalServerPort int port) {
        this.port = port;
        LedgerClient keeper = new LedgerClient(port);
        keeper.post("/v1/projects", "{\"slug\": \"browser\"}").is(201);
        key = keeper.newKey("browser", "admin");
        ledger = keeper.withKey(key);
    }

    @Test
    void what_callers_write_is_never_more_than_text(CapturedOutput output) throws IOException {
        List<String> pages = new ArrayList<>(List.of(
                "/v3/api-docs",
                "/actuator/health",
                "/v1/runs?limit=100",
                "/v1/events?limit=1000",
                "/v1/runs/stats?group_by=target",
                "/v1/definitions?limit=100",
                "/v1/queues",
                "/v1/export",
                "/v1/audit"));
        String position = "0";
        for (String text : TEXTS) {
            position = write(text, pages);
        }
        ledger.get("/v1/runs", "Ledger-Position", position).is(200);
        assertThat(pages).allSatisfy(this::isNoPage);
        assertThat(output.getAll().lines().filter(line -> line.contains(MARK)))
                .as("lines of the log that somebody else began")
                .allMatch(line -> line.matches("\\d{4}-.*"));
        assumeThat(Browser.installed())
                .as("no chromium on the PATH, which .ci/run installs: M3 is not tried in a browser")
                .isPresent();
        try (Browser browser = new Browser(Browser.installed().orElseThrow(), profile)) {
            aPageWouldHaveDoneIt(browser);
            browser.header("x-api-key", key);
            List<String> opened = THOROUGH ? pages : pages.subList(0, FEW);
            for (String page : opened) {
                isOnlyText(browser, page);
            }
            int shown = inTheDescription(browser);
            assertThat(browser.alarms()).isEmpty();
            assertThat(browser.hosts()).containsExactly("127.0.0.1:" + port);
            System.out.printf(
                    "M3: %d texts in %d answers opened in a browser and %d shown by its page: nothing carried out%n",
                    TEXTS.size(), opened.size(), shown);
        }
    }

    /** Writes it wherever a text can be; gives back the position of the last of it. */
    private String write(String text, List<String> pages) {
        ObjectNode create = JSON.createObjectNode()
                .put("target", "task:browser")
                .put("key", text)
                .put("name", text)
                .put("input", text)
                .put("metadata", text);
        create.putObject("labels").put(text, text);
        String run = ledger.post("/v1/runs", create.toString()).is(201).header("location");
        ledger.post(run + "/start", JSON.createObjectNode().put("worker", text).toString())
                .is(200);
        ledger.post(
                        run + "/events",
                        JSON.createObjectNode()
                                .put("type", text)
                                .put("payload", text)
                                .toString())
                .is(200);
        ObjectNode line = JSON.createObjectNode().put("level", "info").put("message", text);
        line.putObject("fields").put(text, text);
        ledger.post(run + "/logs", "[" + line + "]").is(201);
        ObjectNode artifact =
                JSON.createObjectNode().put("name", text).put("url", text).put("media_type", text);
        ledger.post(run + "/artifacts", artifact.toString()).is(200);
        ObjectNode definition = JSON.createObjectNode();
        definition.putObject("input_schema").put("title", text).put("description", text);
        ledger.send(ledger.request("/v1/definitions/task/browser-" + TEXTS.indexOf(text))
                        .header("content-type", "application/json")
                        .PUT(BodyPublishers.ofString(definition.toString())))
                .is(201);
        ObjectNode failure = JSON.createObjectNode();
        failure.putObject("error").put("code", text).put("message", text).put("details", text);
        String encoded = LedgerClient.encoded(text);
        pages.addAll(List.of(
                run,
                run + "/events",
                run + "/history",
                run + "/logs",
                run + "/artifacts",
                "/v1/runs/key:" + encoded,
                "/v1/runs/" + encoded,
                "/v1/runs?" + encoded + "=" + encoded,
                "/v1/runs/stats?group_by=label." + encoded,
                "/v1/" + encoded,
                "/" + encoded));
        return ledger.post(run + "/fail", failure.toString()).is(200).header("ledger-position");
    }

    /** What a browser is told of an answer leaves it no room to take it for a page. */
    private void isNoPage(String path) {
        Answer answer = ledger.get(path);
        assertThat(answer.header("content-type"))
                .as(path)
                .matches("(application/(problem\\+|vnd\\.spring-boot\\.actuator\\.v3\\+)?json|application/x-ndjson).*");
        assertThat(answer.header("x-content-type-options")).as(path).isEqualTo("nosniff");
        assertThat(answer.header("content-security-policy"))
                .as(path)
                .contains("default-src 'self'")
                .doesNotContain("unsafe");
        assertThat(answer.header("set-cookie")).as(path).isNull();
    }

    /** The same texts as a page: what is looked for below is seen here. */
    private static void aPageWouldHaveDoneIt(Browser browser) throws IOException {
        HttpServer careless = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        careless.createContext("/", exchange -> {
            byte[] page = ("<!doctype html>" + String.join("<br>", TEXTS)).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        careless.start();
        try {
            browser.open("http://127.0.0.1:" + careless.getAddress().getPort() + "/");
            await().untilAsserted(() -> assertThat(browser.alarms()).contains("dialog: " + MARK));
            assertThat(elements(browser)).contains("SCRIPT", "IMG", "svg");
        } finally {
            careless.stop(0);
            browser.forget();
        }
    }

    private void isOnlyText(Browser browser, String path) {
        browser.open("http://127.0.0.1:" + port + path);
        assertThat(elements(browser)).as(path).isSubsetOf(SHOWN);
        assertThat(browser.evaluate("document.contentType").asString()).as(path).doesNotContain("html");
        assertThat(browser.alarms()).as(path).isEmpty();
    }

    private static List<String> elements(Browser browser) {
        return browser.evaluate("[...new Set([...document.querySelectorAll('*')].map(element => element.tagName))]")
                .valueStream()
                .map(name -> name.asString())
                .toList();
    }

    /** Has the page of the description make calls and show their answers; how many of them. */
    private int inTheDescription(Browser browser) {
        List<String> operations = List.of("Runs-listRuns", "Events-listEvents", "Definitions-listDefinitions")
                .subList(0, THOROUGH ? 3 : 1);
        browser.open("http://127.0.0.1:" + port + "/docs");
        await().until(() ->
                browser.evaluate("document.querySelectorAll('.opblock').length").asInt() > 50);
        browser.evaluate("void ui.preauthorizeApiKey('key', " + Browser.quoted(key) + ")");
        int scripts = browser.evaluate("document.scripts.length").asInt();
        for (String operation : operations) {
            String block = "document.getElementById('operations-" + operation + "')";
            for (String button : List.of(".opblock-summary-control", ".try-out__btn", ".execute")) {
                String found = block + ".querySelector('" + button + "')";
                await().until(() -> !browser.evaluate("!" + found).asBoolean());
                browser.evaluate(found + ".click()");
            }
            await().until(() -> browser.evaluate("(" + block
                            + ".querySelector('.live-responses-table')?.textContent ?? '').includes('" + MARK + "')")
                    .asBoolean());
        }
        assertThat(browser.evaluate("document.scripts.length").asInt()).isEqualTo(scripts);
        assertThat(browser.evaluate("document.querySelectorAll('img[src=x], svg[onload], [onerror]').length")
                        .asInt())
                .isZero();
        return operations.size();
    }
}

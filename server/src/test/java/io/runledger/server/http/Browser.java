package io.runledger.server.http;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Chromium without a window, spoken to in its own protocol. What a page should not do is an alarm. */
final class Browser implements AutoCloseable {

    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Pattern HOST = Pattern.compile("\\w+://([^/?#]+)");

    private final Process process;
    private final WebSocket page;
    private final AtomicInteger calls = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> alarms = new CopyOnWriteArrayList<>();
    private final Set<String> hosts = ConcurrentHashMap.newKeySet();
    private CompletableFuture<WebSocket> sent = CompletableFuture.completedFuture(null);
    private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();

    /** The one on the PATH; empty when there is none. */
    static Optional<Path> installed() {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Starts it with a profile of its own in this folder. */
    Browser(Path program, Path profile) throws IOException {
        process = new ProcessBuilder(
                        program.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-extensions",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("browser.log").toFile())
                .start();
        Path told = profile.resolve("DevToolsActivePort");
        await().atMost(PATIENCE).until(() -> Files.exists(told) && Files.size(told) > 0);
        HttpClient http = HttpClient.newHttpClient();
        URI open = URI.create("http://127.0.0.1:" + Files.readAllLines(told).getFirst() + "/json/new?about:blank");
        try {
            String target = http.send(
                            HttpRequest.newBuilder(open)
                                    .PUT(BodyPublishers.noBody())
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
            page = http.newWebSocketBuilder()
                    .buildAsync(
                            URI.create(JSON.readTree(target)
                                    .at("/webSocketDebuggerUrl")
                                    .asString()),
                            new Messages())
                    .join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable", JSON.createObjectNode());
        }
    }

    /** Puts messages together that come in parts. */
    private final class Messages implements WebSocket.Listener {

        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean isLast) {
            message.append(part);
            if (isLast) {
                JsonNode whole = JSON.readTree(message.toString());
                message.setLength(0);
                if (whole.has("id")) {
                    answers.remove(whole.get("id").asInt()).complete(whole);
                } else {
                    happened(whole.get("method").asString(), whole.get("params"));
                }
            }
            socket.request(1);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public void onError(WebSocket socket, Throwable failure) {
            answers.values().forEach(answer -> answer.completeExceptionally(failure));
        }
    }

    private void happened(String event, JsonNode what) {
        switch (event) {
            case "Page.loadEventFired" -> loaded.complete(null);
            case "Page.javascriptDialogOpening" -> {
                alarms.add("dialog: " + what.at("/message").asString());
                send("Page.handleJavaScriptDialog", JSON.createObjectNode().put("accept", true));
            }
            case "Runtime.consoleAPICalled" -> alarms.add("console: " + what.at("/args"));
            case "Runtime.exceptionThrown" -> alarms.add("exception: " + what);
            case "Log.entryAdded" -> {
                if (!what.at("/entry/source").asString().equals("network")) {
                    alarms.add("log: " + what.at("/entry/text").asString());
                }
            }
            case "Network.requestWillBeSent" -> {
                Matcher host = HOST.matcher(what.at("/request/url").asString());
                if (host.lookingAt()) {
                    hosts.add(host.group(1));
                }
            }
            default -> {
                // Of no interest.
            }
        }
    }

    private CompletableFuture<JsonNode> send(String method, ObjectNode parameters) {
        int id = calls.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode call = JSON.createObjectNode().put("id", id).put("method", method);
        call.set("params", parameters);
        synchronized (answers) {
            // One after the other, whoever sends.
            sent = sent.thenCompose(_ -> page.sendText(call.toString(), true));
        }
        return answer;
    }

    private JsonNode call(String method, ObjectNode parameters) {
        JsonNode answer = send(method, parameters)
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
        if (answer.has("error")) {
            throw new AssertionError(method + ": " + answer);
        }
        return answer.get("result");
    }

    /** Sends this header with every request from now on. */
    void header(String name, String value) {
        ObjectNode headers = JSON.createObjectNode().put(name, value);
        call("Network.setExtraHTTPHeaders", JSON.createObjectNode().set("headers", headers));
    }

    /** Goes to a page and waits until it is there; what would be saved as a file is not. */
    void open(String url) {
        loaded = new CompletableFuture<>();
        JsonNode way = call("Page.navigate", JSON.createObjectNode().put("url", url));
        if (!way.has("errorText") && !way.at("/isDownload").asBoolean(false)) {
            loaded.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        }
    }

    /** What an expression comes to in the page. */
    JsonNode evaluate(String expression) {
        JsonNode result = call(
                "Runtime.evaluate",
                JSON.createObjectNode().put("expression", expression).put("returnByValue", true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result);
        }
        return result.at("/result/value");
    }

    /** Dialogs, messages of scripts, errors, and what the page's own policy has kept from happening. */
    List<String> alarms() {
        return List.copyOf(alarms);
    }

    void forget() {
        alarms.clear();
        hosts.clear();
    }

    /** Whom the pages have asked for anything. */
    Set<String> hosts() {
        return Set.copyOf(hosts);
    }

    /** Asks it to end, with all of its processes; whatever is left then is ended. */
    @Override
    public void close() {
        List<ProcessHandle> all = process.descendants().toList();
        send("Browser.close", JSON.createObjectNode());
        try {
            process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            process.destroyForcibly();
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** The text as it stands in a script. */
    static String quoted(String text) {
        return JSON.writeValueAsString(text);
    }
}

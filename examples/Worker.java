import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A worker: claims runs of a Runledger and executes a command for each, with the run's input on its standard input. What
 * the command prints becomes the run's output, and an exit code other than 0 a failed attempt. While it runs, heartbeats
 * keep the lease; when one says so, or the lease is lost, the command is ended and the run left alone.
 */
final class Worker {

    private static final String HELP = """
            Executes a command for each run that it claims from a Runledger.

            usage: java examples/Worker.java [options] -- COMMAND [ARGUMENT]...

              --url URL           the ledger                                    http://localhost:8080
              --key-file FILE     holds the API key, unless RUNLEDGER_API_KEY is set   ./data/api-key
              --name NAME         the worker's name                             worker-<process id>
              --queue NAME        claim from this queue only; may be repeated   all queues
              --target KIND:NAME  claim runs of this target only; may be repeated   all targets
              --slots N           so many runs at once                          1
              --lease SECONDS     how long a run is held without a heartbeat    30
              --until-empty       end when there is nothing to do               go on for ever

            The command gets the input as JSON on its standard input, and RUN_ID, RUN_ATTEMPT in its environment.
            Its output is kept as JSON if it is JSON, else as text. Try it: java examples/Worker.java -- cat
            """;

    private static final int WAIT_SECONDS = 20;
    private static final int MAX_OUTPUT = 500_000;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Options options;

    private Worker(Options options) {
        this.options = options;
    }

    /** What the command line says. */
    private record Options(
            URI url,
            String key,
            String name,
            List<String> queues,
            List<String> targets,
            int slots,
            int lease,
            boolean untilEmpty,
            List<String> command) {}

    public static void main(String[] arguments) throws Exception {
        Options options;
        try {
            options = options(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n\n" + HELP);
            System.exit(2);
            return;
        }
        Worker worker = new Worker(options);
        List<Thread> slots = new ArrayList<>();
        for (int i = 0; i < options.slots(); i++) {
            slots.add(Thread.ofPlatform().name("slot-" + i).start(worker::work));
        }
        for (Thread slot : slots) {
            slot.join();
        }
    }

    private static Options options(String[] arguments) throws IOException {
        Map<String, List<String>> given = new LinkedHashMap<>();
        List<String> command = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            String name = arguments[i];
            switch (name) {
                case "--" -> {
                    command.addAll(List.of(arguments).subList(i + 1, arguments.length));
                    i = arguments.length;
                }
                case "--until-empty" -> given.put(name, List.of(""));
                case "--url", "--key-file", "--name", "--queue", "--target", "--slots", "--lease" -> {
                    if (++i == arguments.length) {
                        throw new IllegalArgumentException(name + " needs a value");
                    }
                    given.computeIfAbsent(name, _ -> new ArrayList<>()).add(arguments[i]);
                }
                default -> throw new IllegalArgumentException("unknown: " + name);
            }
        }
        if (command.isEmpty()) {
            throw new IllegalArgumentException("say after -- which command to execute");
        }
        return new Options(
                URI.create(last(given, "--url", "http://localhost:8080")),
                key(last(given, "--key-file", "data/api-key")),
                last(given, "--name", "worker-" + ProcessHandle.current().pid()),
                given.getOrDefault("--queue", List.of()),
                given.getOrDefault("--target", List.of()),
                number(given, "--slots", 1),
                number(given, "--lease", 30),
                given.containsKey("--until-empty"),
                command);
    }

    private static String last(Map<String, List<String>> given, String name, String otherwise) {
        return given.containsKey(name) ? given.get(name).getLast() : otherwise;
    }

    private static int number(Map<String, List<String>> given, String name, int otherwise) {
        String text = last(given, name, Integer.toString(otherwise));
        try {
            int number = Integer.parseInt(text);
            if (number < 1) {
                throw new NumberFormatException();
            }
            return number;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " must be a number from 1 on, not " + text);
        }
    }

    private static String key(String file) throws IOException {
        String key = System.getenv("RUNLEDGER_API_KEY");
        if (key != null) {
            return key;
        }
        if (!Files.isReadable(Path.of(file))) {
            throw new IllegalArgumentException("set RUNLEDGER_API_KEY, or say with --key-file where the key is");
        }
        return Files.readString(Path.of(file)).strip();
    }

    private void work() {
        Duration pause = Duration.ofMillis(200);
        while (true) {
            try {
                Map<String, String> claim = claim();
                pause = Duration.ofMillis(200);
                if (claim != null) {
                    execute(claim);
                } else if (options.untilEmpty()) {
                    return;
                }
            } catch (ConnectException | HttpTimeoutException e) {
                System.err.println("the ledger is away, asking again in " + pause.toMillis() + " ms");
                rest(pause);
                pause = pause.multipliedBy(2).compareTo(Duration.ofSeconds(10)) < 0 ? pause.multipliedBy(2) : pause;
            } catch (IOException e) {
                System.err.println(e.getMessage());
                rest(pause);
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static void rest(Duration pause) {
        try {
            new CountDownLatch(1).await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The members of the claim of one run; null when there was none in time. */
    private Map<String, String> claim() throws IOException, InterruptedException {
        String wish = "{\"worker\": " + Json.text(options.name()) + ", \"lease_seconds\": " + options.lease()
                + ", \"wait_seconds\": " + (options.untilEmpty() ? 1 : WAIT_SECONDS) + ", \"queues\": "
                + Json.texts(options.queues()) + ", \"targets\": " + Json.texts(options.targets()) + "}";
        HttpResponse<String> answer = post("/v1/claims", wish, WAIT_SECONDS + 30);
        if (answer.statusCode() != 200) {
            throw new IOException("a claim was answered " + answer.statusCode() + " " + answer.body());
        }
        List<String> claims = Json.elements(Json.members(answer.body()).get("claims"));
        return claims.isEmpty() ? null : Json.members(claims.getFirst());
    }

    private void execute(Map<String, String> claim) throws IOException, InterruptedException, ExecutionException {
        Map<String, String> run = Json.members(claim.get("run"));
        String id = Json.string(run.get("id"));
        ProcessBuilder builder =
                new ProcessBuilder(options.command()).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("RUN_ID", id);
        builder.environment().put("RUN_ATTEMPT", claim.get("attempt"));
        Process process = builder.start();
        CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
        try (var input = process.getOutputStream()) {
            input.write(run.getOrDefault("input", "null").getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // The command need not read its input.
        }
        String token = claim.get("lease_token");
        while (!process.waitFor(Math.max(1, options.lease() / 3), TimeUnit.SECONDS)) {
            if (!mayGoOn(id, token)) {
                process.descendants().forEach(ProcessHandle::destroy);
                process.destroy();
                System.err.println("run " + id + " was given up");
                return;
            }
        }
        report(id, token, process.exitValue(), output.get());
    }

    /** Keeps the lease. A ledger that is away is no reason to give up: the next heartbeat may reach it. */
    private boolean mayGoOn(String id, String token) throws InterruptedException {
        try {
            HttpResponse<String> heard = post("/v1/runs/" + id + "/heartbeat", "{\"lease_token\": " + token + "}", 10);
            return heard.statusCode() >= 500
                    || heard.statusCode() == 200
                            && Json.string(Json.members(heard.body()).get("action")).equals("continue");
        } catch (IOException e) {
            return true;
        }
    }

    /** Tells how it ended, until the ledger has answered: the same report twice has one effect. */
    private void report(String id, String token, int exitCode, String output) throws InterruptedException {
        String lease = ", \"exit_code\": " + exitCode + ", \"lease_token\": " + token + "}";
        String path = "/v1/runs/" + id + (exitCode == 0 ? "/complete" : "/fail");
        String body = exitCode == 0
                ? "{\"output\": " + (Json.isValue(output) ? output.strip() : Json.text(output)) + lease
                : "{\"error\": {\"code\": \"exit_" + exitCode + "\", \"message\": "
                        + Json.text(output.isBlank() ? "the command failed" : output.substring(0, Math.min(output.length(), 9_000)))
                        + "}" + lease;
        for (int attempt = 0; attempt < 100; attempt++) {
            try {
                int status = post(path, body, 30).statusCode();
                if (status < 500) {
                    System.err.println("run " + id + (exitCode == 0 ? " done" : " failed") + (status == 200 ? "" : ", told too late: " + status));
                    return;
                }
            } catch (IOException e) {
                System.err.println("the ledger is away, telling it again");
            }
            rest(Duration.ofMillis(500));
        }
    }

    private HttpResponse<String> post(String path, String body, int seconds) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(options.url().resolve(path))
                        .timeout(Duration.ofSeconds(seconds))
                        .header("x-api-key", options.key())
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String read(InputStream stream) {
        try (stream) {
            byte[] bytes = stream.readNBytes(MAX_OUTPUT);
            stream.transferTo(java.io.OutputStream.nullOutputStream());
            return new String(bytes, StandardCharsets.UTF_8).replace("\0", "");
        } catch (IOException e) {
            return "";
        }
    }

    /** As much of JSON as a worker needs: it takes values apart and leaves what is inside as it was given. */
    private static final class Json {

        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        /** The members of an object, each as JSON. */
        static Map<String, String> members(String object) {
            Json json = new Json(object);
            Map<String, String> members = new LinkedHashMap<>();
            json.expect('{');
            while (json.next() != '}') {
                String name = string(json.value());
                json.expect(':');
                members.put(name, json.value());
                if (json.next() == ',') {
                    json.at++;
                }
            }
            return members;
        }

        /** The elements of an array, each as JSON. */
        static List<String> elements(String array) {
            Json json = new Json(array);
            List<String> elements = new ArrayList<>();
            json.expect('[');
            while (json.next() != ']') {
                elements.add(json.value());
                if (json.next() == ',') {
                    json.at++;
                }
            }
            return elements;
        }

        /** Whether this is one JSON value; the ledger looks closer. */
        static boolean isValue(String text) {
            try {
                Json json = new Json(text.strip());
                String value = json.value();
                return value.length() == json.text.length()
                        && ("{[\"".indexOf(value.charAt(0)) >= 0
                                || value.matches("true|false|null|-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?"));
            } catch (IllegalStateException e) {
                return false;
            }
        }

        /** A string without escapes other than the two that names and tokens could have. */
        static String string(String json) {
            return json.substring(1, json.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\");
        }

        static String text(String plain) {
            StringBuilder json = new StringBuilder("\"");
            plain.codePoints().forEach(c -> {
                if (c == '"' || c == '\\') {
                    json.append('\\').appendCodePoint(c);
                } else if (c < ' ') {
                    json.append("\\u%04x".formatted(c));
                } else {
                    json.appendCodePoint(c);
                }
            });
            return json.append('"').toString();
        }

        static String texts(List<String> plain) {
            return plain.stream().map(Json::text).toList().toString();
        }

        private char next() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            if (at == text.length()) {
                throw new IllegalStateException("the JSON ends too early");
            }
            return text.charAt(at);
        }

        private void expect(char c) {
            if (next() != c) {
                throw new IllegalStateException("no " + c + " at " + at);
            }
            at++;
        }

        /** The value that begins here, as it stands. */
        private String value() {
            char first = next();
            int begin = at;
            if (first == '"') {
                skipString();
            } else if (first == '{' || first == '[') {
                int depth = 0;
                do {
                    char c = next();
                    if (c == '"') {
                        skipString();
                        continue;
                    }
                    depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
                    at++;
                } while (depth > 0);
            } else {
                while (at < text.length() && ",:]} \n\r\t".indexOf(text.charAt(at)) < 0) {
                    at++;
                }
                if (at == begin) {
                    throw new IllegalStateException("no value at " + at);
                }
            }
            return text.substring(begin, at);
        }

        private void skipString() {
            for (at++; at < text.length(); at++) {
                if (text.charAt(at) == '\\') {
                    at++;
                } else if (text.charAt(at) == '"') {
                    at++;
                    return;
                }
            }
            throw new IllegalStateException("a string does not end");
        }
    }
}

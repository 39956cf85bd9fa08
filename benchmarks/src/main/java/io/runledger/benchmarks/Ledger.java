package io.runledger.benchmarks;

import io.runledger.server.Runledger;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The ledger as it is shipped, in a process of its own, with a recording of where its processor time goes. */
public final class Ledger implements AutoCloseable {

    static final String KEY = "rl_benchmark_0123456789abcdef";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int MOST_SILENT_MILLIS = 10_000;
    private static final String KEY_HEADER = "X-Api-Key: " + KEY + "\r\n";
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);
    private static final byte[] NOTHING = {};

    /** The ledger closes a connection that has rested for a minute. */
    private static final Duration MOST_REST = Duration.ofSeconds(30);

    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    private final Process process;
    private final Path output;
    private final Path recording;
    private final int port;
    private final ConcurrentLinkedDeque<HttpConnection> free = new ConcurrentLinkedDeque<>();

    private Ledger(Process process, Path output, Path recording) throws IOException, InterruptedException {
        this.process = process;
        this.output = output;
        this.recording = recording;
        try {
            this.port = awaitPort();
            awaitReady();
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.destroy();
            throw e;
        }
    }

    /** Returns when the ledger on this database is ready; what it prints goes to a file in the folder. */
    static Ledger start(Database database, Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path output = folder.resolve("ledger.log").toAbsolutePath();
        Path recording = folder.resolve("ledger.jfr").toAbsolutePath();
        Files.deleteIfExists(recording);
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseParallelGC",
                "-XX:StartFlightRecording:settings=none,+jdk.ExecutionSample#enabled=true,"
                        + "+jdk.ExecutionSample#period=20ms,filename=" + recording,
                "-cp",
                System.getProperty("java.class.path"),
                Runledger.class.getName()));
        builder.environment().keySet().removeIf(variable -> variable.startsWith("RUNLEDGER_"));
        builder.environment().putAll(database.environment());
        builder.environment().put("RUNLEDGER_API_KEY", KEY);
        builder.environment().put("RUNLEDGER_DATA_DIR", folder.resolve("data").toString());
        builder.environment().put("SERVER_PORT", "0");
        // All clients are one caller, who may ask for more than anybody should by default.
        for (String limited : List.of("KEY_WRITING", "PROJECT_WRITING", "KEY_READING", "PROJECT_READING")) {
            builder.environment().put("RUNLEDGER_RATE_LIMITS_" + limited, "1000000");
        }
        builder.redirectErrorStream(true).redirectOutput(output.toFile());
        Process process = builder.start();
        // Benchmarks that are broken off must not leave a ledger behind.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        return new Ledger(process, output, recording);
    }

    /**
     * The body of a good answer.
     *
     * @throws IllegalStateException when it is not one
     */
    public String get(String path) throws IOException {
        return text("GET", path, "", NOTHING);
    }

    /**
     * The body of a good answer to this body.
     *
     * @throws IllegalStateException when it is not one
     */
    public String post(String path, String contentType, byte[] body) throws IOException {
        return text("POST", path, "Content-Type: " + contentType + "\r\n", body);
    }

    /**
     * What became of each of these lines, of which only the bad ones are told.
     *
     * @throws IllegalStateException when the answer is not a good one
     */
    public String stream(byte[] lines) throws IOException {
        // One of its own: Tomcat closes a connection whose answer began while much of a body was yet to come.
        try (HttpConnection connection = new HttpConnection(port)) {
            return text(
                    connection,
                    "POST",
                    "/v1/commands",
                    "Content-Type: application/x-ndjson\r\nPrefer: return=minimal\r\n",
                    lines);
        }
    }

    /**
     * Deletes what is there.
     *
     * @throws IllegalStateException when the answer is not a good one
     */
    public void delete(String path) throws IOException {
        text("DELETE", path, "", NOTHING);
    }

    /** What happens in the whole project after this position, as server-sent events; fails when nothing happens. */
    public Feed events(long after) throws IOException {
        HttpConnection connection = new HttpConnection(port);
        connection.setMostSilence(MOST_SILENT_MILLIS);
        HttpConnection.Answer answer = connection.send(
                "GET", "/v1/events?after=" + after, KEY_HEADER + "Accept: text/event-stream\r\n", NOTHING);
        if (!answer.isGood()) {
            throw new IllegalStateException("The stream answered " + answer.status() + ": " + answer.text());
        }
        return new Feed(connection, new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8)));
    }

    /** A stream that stays open until it is closed. */
    public static final class Feed implements AutoCloseable {

        private final HttpConnection connection;
        private final BufferedReader reader;

        private Feed(HttpConnection connection, BufferedReader reader) {
            this.connection = connection;
            this.reader = reader;
        }

        /** Waits for each. */
        public Stream<String> lines() {
            return reader.lines();
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    private String text(String method, String path, String headers, byte[] body) throws IOException {
        HttpConnection connection = connection();
        String text = text(connection, method, path, headers, body);
        free.push(connection);
        return text;
    }

    private static String text(HttpConnection connection, String method, String path, String headers, byte[] body)
            throws IOException {
        HttpConnection.Answer answer = connection.send(method, path, KEY_HEADER + headers, body);
        String text = answer.text();
        if (!answer.isGood()) {
            throw new IllegalStateException(path + " answered " + answer.status() + ": " + text);
        }
        return text;
    }

    /** One that nobody else uses meanwhile, so there are as many as callers at once. */
    private HttpConnection connection() throws IOException {
        for (HttpConnection kept = free.poll(); kept != null; kept = free.poll()) {
            if (!kept.hasRested(MOST_REST)) {
                return kept;
            }
            kept.close();
        }
        return new HttpConnection(port);
    }

    /** How the view of runs stands. */
    public JsonNode view() throws IOException {
        return JsonMapper.shared().readTree(get("/v1/projections")).get("data").get(0);
    }

    /** Returns when the view of runs shows every event. */
    public void awaitView() throws IOException {
        while (view().get("lag_events").asLong() > 0) {
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
    }

    /** PostgreSQL is no part of it. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** Where its processor time went; only after it was closed. */
    Profile profile() throws IOException {
        return Profile.of(recording);
    }

    private int awaitPort() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Matcher port = PORT.matcher(Files.exists(output) ? Files.readString(output) : "");
            if (port.find()) {
                return Integer.parseInt(port.group(1));
            }
            if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
                break;
            }
        }
        throw new IllegalStateException("The ledger did not start:\n" + Files.readString(output));
    }

    private void awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isReady()) {
            if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                throw new IllegalStateException("The ledger did not get ready:\n" + Files.readString(output));
            }
        }
    }

    private boolean isReady() throws IOException {
        try (HttpConnection connection = new HttpConnection(port)) {
            return connection
                    .send("GET", "/actuator/health/readiness", "", NOTHING)
                    .isGood();
        }
    }

    /** Asks it to stop, and returns when it has. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new UncheckedIOException(new IOException("The ledger does not stop; see " + output));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

package io.runledger.benchmarks;

import io.runledger.server.Runledger;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The ledger as it is shipped, in a process of its own, with a recording of where its processor time goes. */
public final class Ledger implements AutoCloseable {

    static final String KEY = "rl_benchmark_0123456789abcdef";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int MOST_SILENT_MILLIS = 10_000;
    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    static {
        // As many kept connections as clients: five are kept otherwise.
        System.setProperty("http.maxConnections", "256");
        System.setProperty("sun.net.http.retryPost", "false");
    }

    private final Process process;
    private final Path output;
    private final Path recording;
    private final URI uri;

    private Ledger(Process process, Path output, Path recording) throws IOException, InterruptedException {
        this.process = process;
        this.output = output;
        this.recording = recording;
        try {
            this.uri = awaitPort();
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
        return text(request(path));
    }

    /**
     * The body of a good answer to this body.
     *
     * @throws IllegalStateException when it is not one
     */
    public String post(String path, String contentType, byte[] body) throws IOException {
        HttpURLConnection request = request(path);
        request.setDoOutput(true);
        request.setRequestProperty("Content-Type", contentType);
        request.setRequestProperty("Prefer", "return=minimal");
        try (OutputStream out = request.getOutputStream()) {
            out.write(body);
        }
        return text(request);
    }

    /**
     * Deletes what is there.
     *
     * @throws IllegalStateException when the answer is not a good one
     */
    public void delete(String path) throws IOException {
        HttpURLConnection request = request(path);
        request.setRequestMethod("DELETE");
        text(request);
    }

    /** What happens in the whole project after this position, as server-sent events; fails when nothing happens. */
    public Feed events(long after) throws IOException {
        HttpURLConnection request = request("/v1/events?after=" + after);
        request.setRequestProperty("Accept", "text/event-stream");
        request.setReadTimeout(MOST_SILENT_MILLIS);
        return new Feed(request, new BufferedReader(new InputStreamReader(good(request), StandardCharsets.UTF_8)));
    }

    /** A stream that stays open until it is closed. */
    public record Feed(HttpURLConnection request, BufferedReader reader) implements AutoCloseable {

        /** Waits for each. */
        public Stream<String> lines() {
            return reader.lines();
        }

        @Override
        public void close() {
            request.disconnect();
        }
    }

    /** The leanest client that Java brings: no thread beside the one that waits, and connections are kept. */
    private HttpURLConnection request(String path) throws IOException {
        HttpURLConnection request =
                (HttpURLConnection) uri.resolve(path).toURL().openConnection();
        request.setRequestProperty("X-Api-Key", KEY);
        return request;
    }

    private static String text(HttpURLConnection request) throws IOException {
        try (InputStream answer = good(request)) {
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static InputStream good(HttpURLConnection request) throws IOException {
        if (request.getResponseCode() / 100 != 2) {
            try (InputStream problem = request.getErrorStream()) {
                throw new IllegalStateException(request.getURL() + " answered " + request.getResponseCode() + ": "
                        + (problem == null ? "" : new String(problem.readAllBytes(), StandardCharsets.UTF_8)));
            }
        }
        return request.getInputStream();
    }

    /** Where its processor time went; only after it was closed. */
    Profile profile() throws IOException {
        return Profile.of(recording);
    }

    private URI awaitPort() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Matcher port = PORT.matcher(Files.exists(output) ? Files.readString(output) : "");
            if (port.find()) {
                return URI.create("http://127.0.0.1:" + port.group(1));
            }
            if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
                break;
            }
        }
        throw new IllegalStateException("The ledger did not start:\n" + Files.readString(output));
    }

    private void awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (request("/actuator/health/readiness").getResponseCode() != 200) {
            if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                throw new IllegalStateException("The ledger did not get ready:\n" + Files.readString(output));
            }
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

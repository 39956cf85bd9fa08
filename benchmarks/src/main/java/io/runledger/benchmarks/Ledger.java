package io.runledger.benchmarks;

import io.runledger.server.Runledger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The ledger as it is shipped, in a process of its own, with a recording of where its processor time goes. */
public final class Ledger implements AutoCloseable {

    static final String KEY = "rl_benchmark_0123456789abcdef";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    private final HttpClient http = HttpClient.newHttpClient();
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

    /** A request for this path that carries the key. */
    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri.resolve(path)).header("x-api-key", KEY);
    }

    /** The body of a good answer. */
    public String get(String path) throws IOException, InterruptedException {
        return send(http, request(path).build());
    }

    /**
     * The body of a good answer.
     *
     * @throws IllegalStateException when it is not one
     */
    public static String send(HttpClient http, HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IllegalStateException(
                    request.uri() + " answered " + response.statusCode() + ": " + response.body());
        }
        return response.body();
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
        HttpRequest ready = HttpRequest.newBuilder(uri.resolve("/actuator/health/readiness"))
                .build();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (http.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() != 200) {
            if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                throw new IllegalStateException("The ledger did not get ready:\n" + Files.readString(output));
            }
        }
    }

    /** Asks it to stop, and returns when it has. */
    @Override
    public void close() {
        http.close();
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

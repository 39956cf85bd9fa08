package io.runledger.server.story;

import io.runledger.server.Runledger;
import io.runledger.server.postgres.LocalPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A ledger as a process of its own, which a story may end in every way; it never ends another process. */
public final class LedgerProcess implements AutoCloseable {

    /** The key of every ledger of the stories that does not make its own. */
    public static final String KEY = "rl_story_0123456789abcdef";

    static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    /** What the build has packaged; there in integration tests. */
    static final Path PACKAGED = Path.of("target", "runledger.jar");

    private static final String DATA_DIR = "RUNLEDGER_DATA_DIR";
    private static final String DATABASE_URL = "RUNLEDGER_DATABASE_URL";
    private static final Path STORIES = Path.of("target", "stories");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");
    private static final Pattern LIVE_BYTES = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Set<ProcessHandle> STARTED = ConcurrentHashMap.newKeySet();

    static {
        // A build that is broken off must not leave ledgers behind.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> STARTED.forEach(ProcessHandle::destroy)));
    }

    private final String name;
    private final Path data;
    private final Map<String, String> environment = new HashMap<>();
    private Class<?> mainClass = Runledger.class;
    private @Nullable List<String> program;
    private String heap = "512m";
    private boolean heapIsResident;
    private @Nullable Process process;
    private volatile @Nullable URI uri;
    private int starts;
    private Duration lastStart = Duration.ZERO;

    private LedgerProcess(String name, Path data) {
        this.name = name;
        this.data = data;
        environment.put("SERVER_PORT", "0");
        environment.put(DATA_DIR, data.toString());
        environment.put("RUNLEDGER_API_KEY", KEY);
    }

    /** A ledger that is not started yet, in a data directory that is not there yet. */
    public static LedgerProcess named(String name) {
        Path folder = STORIES.resolve(name);
        deleteTree(folder);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new LedgerProcess(name, folder.resolve("data").toAbsolutePath());
    }

    /** A PostgreSQL for ledgers that share one; what has to be made only once is in it, when there is one to copy. */
    public static LocalPostgres sharedPostgres(Path data) {
        UnpackedServer.copyEmptyLedger(data);
        return LocalPostgres.start(data, Path.of("target", "postgres-programs"));
    }

    /** Another one with the same data directory and settings. */
    LedgerProcess twin(String otherName) {
        LedgerProcess twin = new LedgerProcess(otherName, data);
        deleteTree(STORIES.resolve(otherName));
        twin.environment.clear();
        twin.environment.putAll(environment);
        return twin;
    }

    public LedgerProcess with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    LedgerProcess without(String variable) {
        environment.remove(variable);
        return this;
    }

    /** With so much heap, as the Java virtual machine writes it. */
    LedgerProcess heap(String size) {
        heap = size;
        return this;
    }

    /** With all of its heap in memory from the start, so that what it takes later is taken beside the heap. */
    LedgerProcess residentHeap() {
        heapIsResident = true;
        return this;
    }

    /** Begun by another class of the stories. */
    LedgerProcess main(Class<?> other) {
        mainClass = other;
        return this;
    }

    /** The packaged server as it is, when it was packaged. */
    LedgerProcess packaged() {
        return Files.exists(PACKAGED) ? program(List.of("-jar", PACKAGED.toString())) : this;
    }

    /** As {@link UnpackedServer} from the next start on, or from its classes: what every ledger is that is not told. */
    LedgerProcess unpacked() {
        program = null;
        return this;
    }

    /** Started so. */
    LedgerProcess program(List<String> arguments) {
        program = arguments;
        return this;
    }

    /** Starts it, and returns when it says that it is ready. */
    public LedgerProcess start() {
        long begun = System.nanoTime();
        launch();
        until(this::isReady, PATIENCE, "ready");
        lastStart = Duration.ofNanos(System.nanoTime() - begun);
        return this;
    }

    /** Starts it, and returns at once. */
    LedgerProcess launch() {
        try {
            starts++;
            uri = null;
            List<String> command = new ArrayList<>(List.of(JAVA, "-Xmx" + heap));
            if (heapIsResident) {
                command.addAll(List.of("-Xms" + heap, "-XX:+AlwaysPreTouch"));
            }
            if (!Figures.isThorough()) {
                // A server that lives for seconds is sooner there; what is measured at full size runs as it ships.
                command.add("-XX:TieredStopAtLevel=1");
            }
            command.addAll(program());
            Files.createDirectories(output().getParent());
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output().toFile());
            builder.environment().keySet().removeIf(variable -> variable.startsWith("RUNLEDGER_"));
            builder.environment().putAll(environment);
            process = builder.start();
            STARTED.add(process.toHandle());
            process.onExit().thenAccept(ended -> STARTED.remove(ended.toHandle()));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What Java is told; who is not told otherwise begins with an empty ledger's data, if there is any to copy. */
    private List<String> program() {
        if (program == null) {
            List<String> unpacked = UnpackedServer.program(mainClass);
            program = unpacked == null
                    ? List.of("-cp", System.getProperty("java.class.path"), mainClass.getName())
                    : unpacked;
            if (!environment.containsKey(DATABASE_URL)) {
                UnpackedServer.copyEmptyLedger(Path.of(environment.get(DATA_DIR)));
            }
        }
        return program;
    }

    /** How long the last start took until it was ready. */
    Duration lastStart() {
        return lastStart;
    }

    /** Where the running ledger listens; changes with every start. */
    public URI uri() {
        URI known = uri;
        if (known == null) {
            throw new IllegalStateException(name + " is not ready");
        }
        return known;
    }

    Path data() {
        return data;
    }

    /** What the last start has printed so far. */
    String printed() {
        try {
            return Files.exists(output()) ? Files.readString(output()) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path output() {
        return STORIES.resolve(name).resolve("server-" + starts + ".log");
    }

    boolean isReady() {
        try {
            if (uri == null) {
                Matcher port = PORT.matcher(printed());
                if (!port.find()) {
                    return false;
                }
                uri = URI.create("http://127.0.0.1:" + port.group(1));
            }
            HttpRequest request = HttpRequest.newBuilder(uri().resolve("/actuator/health/readiness"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Gives it a line on its standard input. */
    void type(String line) {
        try {
            process().outputWriter().append(line).append('\n').flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void kill9() {
        process().toHandle().destroyForcibly();
        awaitExit(Duration.ofSeconds(10));
    }

    /** Asks it to stop, as an init system does; the answer is its exit code. */
    int stop() {
        process().toHandle().destroy();
        return awaitExit(Duration.ofSeconds(30));
    }

    int awaitExit(Duration patience) {
        try {
            if (!process().waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(name + " does not end:\n" + printed());
            }
            return process().exitValue();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * How much of the machine's memory it takes, in bytes.
     *
     * @param count as Linux names it: {@code VmRSS} now, {@code VmHWM} the most so far
     */
    long memory(String count) {
        try {
            Matcher told = Pattern.compile(count + ":\\s+(\\d+) kB")
                    .matcher(Files.readString(
                            Path.of("/proc", Long.toString(process().pid()), "status")));
            if (!told.find()) {
                throw new IllegalStateException("Linux tells no " + count);
            }
            return 1024 * Long.parseLong(told.group(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many threads the machine runs for it. */
    public long threads() throws IOException {
        try (Stream<Path> threads =
                Files.list(Path.of("/proc", Long.toString(process().pid()), "task"))) {
            return threads.count();
        }
    }

    /** What is left in its heap by a collection, in bytes. */
    public long liveHeap() throws IOException {
        // The size of the heap would be that of a moment later, with all that was allocated since.
        Matcher total = LIVE_BYTES.matcher(diagnose("GC.class_histogram"));
        if (!total.find()) {
            throw new IllegalStateException("Java tells not what is alive");
        }
        return Long.parseLong(total.group(1));
    }

    /** What the virtual machine answers to a command of {@code jcmd}. */
    private String diagnose(String command) throws IOException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process asking = new ProcessBuilder(jcmd, Long.toString(process().pid()), command).start();
        return new String(asking.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The postmaster of its own PostgreSQL, if one runs. */
    Optional<ProcessHandle> postmaster() {
        try {
            String pid =
                    Files.readAllLines(data.resolve("postgres/postmaster.pid")).getFirst();
            return ProcessHandle.of(Long.parseLong(pid.strip())).filter(LedgerProcess::isPostgres);
        } catch (IOException | RuntimeException _) {
            return Optional.empty(); // There is none, or it is being written.
        }
    }

    private static boolean isPostgres(ProcessHandle handle) {
        return handle.isAlive()
                && handle.info()
                        .command()
                        .filter(command -> command.endsWith("/postgres"))
                        .isPresent();
    }

    /** Sends a signal to the postmaster of its own PostgreSQL: KILL, or QUIT as {@code pg_ctl stop -m immediate} does. */
    public ProcessHandle signalPostgres(String signal) {
        ProcessHandle postmaster = postmaster().orElseThrow();
        try {
            int status = new ProcessBuilder("kill", "-" + signal, Long.toString(postmaster.pid()))
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IllegalStateException("kill ended with " + status);
            }
            return postmaster;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Waits for something to become true; fails at once when the process ends meanwhile. */
    void until(BooleanSupplier condition, Duration patience, String what) {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (!condition.getAsBoolean()) {
                boolean gone = process().waitFor(20, TimeUnit.MILLISECONDS);
                if (gone || System.nanoTime() > deadline) {
                    throw new AssertionError(
                            name + (gone ? " ended before it was " : " was not in time ") + what + ":\n" + printed());
                }
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Ends it if it runs, its PostgreSQL too, and deletes the data; what it printed stays. */
    @Override
    public void close() {
        if (process != null && process.isAlive()) {
            process.toHandle().destroy();
            try {
                if (!process.waitFor(20, TimeUnit.SECONDS)) {
                    process.toHandle().destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.toHandle().destroyForcibly();
                throw interrupted(e);
            }
        }
        // After kill -9 the guard of PostgreSQL needs a moment; whatever it leaves is ended here.
        postmaster().ifPresent(left -> {
            left.destroyForcibly();
            left.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        });
        deleteTree(data);
    }

    private Process process() {
        if (process == null) {
            throw new IllegalStateException(name + " was not started");
        }
        return process;
    }

    private static RuntimeException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted", e);
    }

    static void deleteTree(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException _) {
            // A backend that is on its way out may still write there; the next run begins with deleting again.
        }
    }
}

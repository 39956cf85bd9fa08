package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.http.Questions.Question;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * Strangers who know names, ids, cursors and lease tokens of another project ask everything that the published description
 * lets them ask, with keys of every role, while that project goes on working: not a byte of what it keeps comes back. A
 * failure names its seed.
 */
@RunningLedger
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class StrangersTest {

    private static final boolean THOROUGH = Boolean.getBoolean("runledger.thorough");
    private static final int QUESTIONS = THOROUGH ? 1_000_000 : 1_000;
    private static final int CLIENTS = THOROUGH ? 24 : 8;
    private static final int STREAMS = THOROUGH ? 4 : 2;
    private static final long SEED = Long.getLong("runledger.seed", 20_261_123);

    /** After so many questions the busy stranger is another one, so that exports of its own runs stay short. */
    private static final int OF_ONE_STRANGER = 5_000;

    private static final int OF_ONE_STREAM = 200;
    private static final int REMEMBERED = 20;

    /** What shows a project that has nothing of its own that it has nothing. */
    private static final Pattern LISTS = Pattern.compile("/v1/(runs|tasks|events|operations|definitions|queues).*");

    private static final Pattern LEASE = Pattern.compile("\"lease_token\":\"([^\"]+)\"");
    private static final Pattern NEXT = Pattern.compile("\"next\":\"([^\"]+)\"");

    private final int port;
    private final LedgerClient ledger;
    private final ForeignProject foreign;
    private final Questions questions;
    private final Stranger quiet;
    private volatile Stranger busy;

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger streams = new AtomicInteger();
    private final AtomicLong lines = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final Map<String, Integer> statuses = new ConcurrentSkipListMap<>();
    private final Map<String, Asked> kinds = new ConcurrentSkipListMap<>();
    private final Set<InputStream> open = ConcurrentHashMap.newKeySet();
    private volatile boolean over;

    StrangersTest(@LocalServerPort int port) {
        this.port = port;
        ledger = new LedgerClient(port);
        foreign = new ForeignProject(ledger);
        questions = new Questions(new PublishedApi(ledger), foreign.known());
        quiet = stranger("quiet", false);
        busy = stranger("busy", true);
    }

    /**
     * A project and its keys.
     *
     * @param own what it has, by what it names
     * @param hasOwn whether it may make something: whatever else it finds is not its own
     */
    private record Stranger(List<String> keys, Map<String, List<String>> own, boolean hasOwn) {

        String key(Random random) {
            return keys.get(random.nextInt(keys.size()));
        }

        void learn(String kind, String text, Random random) {
            List<String> all = own.computeIfAbsent(kind, _ -> new CopyOnWriteArrayList<>());
            if (all.size() < REMEMBERED) {
                all.add(text);
            } else {
                all.set(random.nextInt(REMEMBERED), text);
            }
        }
    }

    /** A connection that is used for one question after the other, until the ledger closes it. */
    private static final class Line implements AutoCloseable {

        private final int port;
        private RawConnection connection;

        Line(int port) throws IOException {
            this.port = port;
            connection = new RawConnection(port);
        }

        Answer exchange(String request) throws IOException {
            connection.send(request);
            Answer answer = connection.answer();
            if ("close".equals(answer.header("connection"))) {
                connection.close();
                connection = new RawConnection(port);
            }
            return answer;
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    /** How often, and how long all answers together took. */
    private record Asked(int times, long micros) {

        Asked plus(Asked more) {
            return new Asked(times + more.times, micros + more.micros);
        }
    }

    private Stranger stranger(String slug, boolean hasOwn) {
        ledger.post("/v1/projects", "{\"slug\": \"" + slug + "\"}").is(201);
        List<String> keys = new ArrayList<>();
        for (String role : List.of("viewer", "operator", "worker", "worker", "admin", "admin", "admin", "admin")) {
            keys.add(ledger.newKey(slug, role));
        }
        return new Stranger(keys, new ConcurrentHashMap<>(), hasOwn);
    }

    @Test
    void no_answer_tells_anything_of_another_project() throws Exception {
        long begun = System.nanoTime();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = new ArrayList<>();
            List<Future<?>> followers = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                Random random = new Random(SEED - 1 - i);
                followers.add(executor.submit(() -> follow(random)));
            }
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(executor.submit(this::askOn));
            }
            try {
                for (Future<?> client : clients) {
                    client.get();
                }
            } finally {
                over = true;
                for (InputStream stream : open) {
                    stream.close();
                }
            }
            for (Future<?> follower : followers) {
                follower.get();
            }
        }
        for (String page : List.of("/actuator/prometheus", "/actuator/info", "/actuator/health", "/v1/projections")) {
            assertThat(foreign.in(ledger.get(page).is(200).body(), "", false))
                    .as("what everybody's keeper reads in " + page)
                    .isNull();
        }
        System.out.printf(
                "N2: %d questions of strangers in %d s, %d kinds of calls, answers %s; %d streams with %d lines; %d MB"
                        + " searched; nothing of the other project%n",
                QUESTIONS,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun),
                kinds.size(),
                statuses,
                streams.get(),
                lines.get(),
                bytes.get() >> 20);
        if (THOROUGH) {
            kinds.forEach((kind, each) -> System.out.printf(
                    "N2: %7d times, %6d us each: %s%n", each.times(), each.micros() / each.times(), kind));
        }
        assertThat(streams.get()).isPositive();
        assertThat(statuses.keySet()).contains("200", "201", "400", "403", "404");
    }

    private Void askOn() throws IOException {
        try (Line line = new Line(port)) {
            askAll(line);
        } catch (AssertionError | RuntimeException | IOException e) {
            // The others need not go on.
            asked.set(QUESTIONS);
            throw e;
        }
        return null;
    }

    private void askAll(Line line) throws IOException {
        for (int i = asked.getAndIncrement(); i < QUESTIONS; i = asked.getAndIncrement()) {
            if (i % 100 == 99) {
                foreign.life();
            }
            if (i % OF_ONE_STRANGER == OF_ONE_STRANGER - 1) {
                busy = stranger("busy-" + i, true);
            }
            Random random = new Random(SEED + i);
            ask(line, random.nextInt(4) == 0 ? quiet : busy, random, "seed " + (SEED + i) + ": ");
        }
    }

    private void ask(Line line, Stranger stranger, Random random, String seed) throws IOException {
        Question question = questions.next(random, stranger.own(), !stranger.hasOwn());
        boolean hasKey = random.nextInt(100) > 0;
        String theirs = foreign.known().get("key_id").getFirst();
        String key = hasKey ? stranger.key(random) : "rl_" + theirs + "_wrong";
        long begun = System.nanoTime();
        Answer answer = line.exchange(question.with(key));
        long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begun);
        String told = answer.headers() + "\n" + answer.body();
        bytes.addAndGet(told.length());
        statuses.merge(Integer.toString(answer.status()), 1, Integer::sum);
        kinds.merge(question.call().toString(), new Asked(1, micros), Asked::plus);
        // Only a failure needs to be told in words.
        String leak = foreign.in(told, question.said(), stranger.hasOwn());
        boolean isRight = hasKey ? answer.status() < 500 || answer.status() == 501 : answer.status() == 401;
        if (leak != null || !isRight) {
            throw new AssertionError(
                    seed + question + "\nwas answered " + answer.status() + " " + (leak == null ? told : leak));
        }
        if (stranger.hasOwn()) {
            learn(stranger, question, answer, random);
        } else if (answer.status() == 200) {
            assertHasNothing(seed + question, question, answer);
        }
    }

    private static void learn(Stranger stranger, Question question, Answer answer, Random random) {
        if (answer.status() / 100 != 2) {
            return;
        }
        String location = answer.header("location");
        if (location != null && location.startsWith("/v1/")) {
            String id = location.substring(location.lastIndexOf('/') + 1);
            if (location.startsWith("/v1/runs/")) {
                stranger.learn("run", id, random);
            } else if (location.startsWith("/v1/operations/")) {
                stranger.learn("operation", id, random);
            }
        }
        Matcher lease = LEASE.matcher(answer.body());
        if (lease.find()) {
            stranger.learn("lease_token", lease.group(1), random);
        }
        Matcher next = NEXT.matcher(answer.body());
        if (question.call().method().equals("GET") && next.find()) {
            stranger.learn("cursor", next.group(1), random);
        }
    }

    /** Whatever it is shown must be somebody else's. */
    private static void assertHasNothing(String what, Question question, Answer answer) {
        if (question.call().path().equals("/v1/export")) {
            assertThat(answer.body().lines()).as(what).hasSizeLessThan(2);
        } else if (LISTS.matcher(question.call().path()).matches()) {
            assertThat(answer.body()).as(what).doesNotContain("\"id\":");
            assertThat(answer.json().path("data")).as(what).isEmpty();
            assertThat(answer.json().path("total").asLong(0)).as(what).isZero();
        }
    }

    /** Follows one stream after the other: of events, of own runs and of their logs. */
    private Void follow(Random random) throws IOException {
        while (!over) {
            Stranger stranger = random.nextInt(4) == 0 ? quiet : busy;
            List<String> runs = stranger.own().getOrDefault("run", List.of());
            String path = runs.isEmpty() || random.nextInt(4) > 0
                    ? "/v1/events?after=0" + filter(random)
                    : "/v1/runs/" + runs.getFirst() + (random.nextBoolean() ? "/events" : "/logs");
            LedgerClient key = ledger.withKey(stranger.key(random));
            InputStream stream = key.open(key.request(path).header("accept", "text/event-stream"));
            open.add(stream);
            try (BufferedReader text = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                streams.incrementAndGet();
                read(text, path, stranger.hasOwn());
            } catch (IOException e) {
                if (!over) {
                    throw e;
                }
            } finally {
                open.remove(stream);
            }
        }
        return null;
    }

    private String filter(Random random) {
        String name = List.of("queue", "worker", "target", "key", "created_by", "run_id")
                .get(random.nextInt(6));
        List<String> texts = foreign.known().get(name.equals("run_id") ? "run" : name);
        return random.nextInt(3) == 0 ? "" : "&" + name + "=" + LedgerClient.encoded(texts.getFirst());
    }

    /** Up to its first sign of life without news, which comes after a while. */
    private void read(BufferedReader text, String path, boolean hasOwn) throws IOException {
        int read = 0;
        String line = text.readLine();
        while (line != null && read < OF_ONE_STREAM && !(read > 0 && line.startsWith(":"))) {
            assertThat(foreign.in(line, path, hasOwn)).as(path).isNull();
            assertThat(hasOwn || !line.startsWith("data:"))
                    .as(path + ": " + line)
                    .isTrue();
            lines.incrementAndGet();
            bytes.addAndGet(line.length());
            read++;
            line = text.readLine();
        }
    }
}

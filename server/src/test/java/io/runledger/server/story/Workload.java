package io.runledger.server.story;

import io.runledger.server.story.LedgerClient.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Clients that drive runs through their lives while the ledger is being killed. An answer that did not come is asked for
 * again with the same command id, as a careful reporter does; some clients are careless and leave it open.
 */
final class Workload {

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int SHARED_RUNS = 4;

    /**
     * What a client knows of a command.
     *
     * @param version of the run in the answer; null when no answer came
     * @param begun when it was first sent, in nanoseconds; {@code ended}: when it was answered
     */
    record Sent(String run, String commandId, @Nullable Long version, long begun, long ended) {

        boolean isAcknowledged() {
            return version != null;
        }
    }

    private final LedgerClient client;
    private final long seed;
    private final int wanted;
    private final Queue<Sent> history = new ConcurrentLinkedQueue<>();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger unknown = new AtomicInteger();
    private final List<String> shared = new ArrayList<>();
    private volatile boolean striking;
    private LongConsumer listener = _ -> {};
    private Duration patience = Duration.ofSeconds(60);

    Workload(LedgerClient client, long seed, int wanted) {
        this.client = client;
        this.seed = seed;
        this.wanted = wanted;
    }

    /** Is told the moment, in nanoseconds, of each acknowledgement. */
    Workload onAcknowledged(LongConsumer newListener) {
        listener = newListener;
        return this;
    }

    /** For so long a careful client asks again; a minute, if nothing is said. */
    Workload patience(Duration newPatience) {
        patience = newPatience;
        return this;
    }

    /** Goes on for as long as the nemesis does, even when enough is acknowledged. */
    Workload throughout() {
        striking = true;
        return this;
    }

    int acknowledged() {
        return acknowledged.get();
    }

    /** How many times an answer did not come, or left open whether the command was carried out. */
    int unknown() {
        return unknown.get();
    }

    Collection<Sent> history() {
        return history;
    }

    /** Lets so many clients work until enough is acknowledged, while the nemesis does what it does beside them. */
    void run(int clients, Nemesis nemesis) throws Exception {
        for (int i = 0; i < SHARED_RUNS; i++) {
            shared.add(begin("shared-" + i, false).run());
        }
        try (ExecutorService executor = Executors.newFixedThreadPool(clients)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                int number = i;
                all.add(executor.submit(() -> work(number)));
            }
            try {
                nemesis.strike(this);
                striking = false;
                for (Future<?> one : all) {
                    one.get();
                }
            } finally {
                executor.shutdownNow();
            }
        }
    }

    interface Nemesis {
        void strike(Workload workload) throws Exception;
    }

    private void work(int number) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 1_000 + number);
        for (int life = 0;
                (striking || acknowledged.get() < wanted)
                        && !Thread.currentThread().isInterrupted();
                life++) {
            live(number + "-" + life, random);
            String run = shared.get(random.nextInt(SHARED_RUNS));
            boolean careful = random.nextBoolean();
            send(run, "/events", note("shared", life), "shared-" + number + "-" + life, careful);
        }
    }

    /** One run from its beginning to some end. */
    private void live(String name, RandomGenerator random) {
        boolean leased = random.nextInt(4) == 0;
        Started started = begin(name, leased);
        String run = started.run();
        int steps = random.nextInt(6);
        for (int i = 0; i < steps; i++) {
            ObjectNode progress = leased(started).put("percent", i * 10.5);
            boolean told = random.nextBoolean();
            send(run, told ? "/progress" : "/events", told ? progress : note("step", i), name + "-s" + i, true);
        }
        switch (random.nextInt(6)) {
            case 0 -> send(run, "/cancel", LedgerClient.object().put("reason", name), name + "-e", true);
            case 1 -> {
                ObjectNode fail = leased(started);
                fail.putObject("error")
                        .put("code", "story")
                        .put("message", name)
                        .put("retryable", false);
                send(run, "/fail", fail, name + "-e", true);
            }
            case 2 -> {
                send(run, "/stop", LedgerClient.object(), name + "-stop", true);
                send(run, "/resume", LedgerClient.object(), name + "-resume", true);
            }
            case 3 -> {}
            default -> send(run, "/complete", leased(started).put("output", name), name + "-e", true);
        }
    }

    private record Started(String run, @Nullable String leaseToken) {}

    private Started begin(String name, boolean leased) {
        ObjectNode create = LedgerClient.object().put("target", "task:story").put("key", "story-" + name);
        String run = answer(send(null, "", create, name + "-c", true)).id();
        ObjectNode start = LedgerClient.object();
        if (leased) {
            start.put("worker", name).put("lease_seconds", 600);
        }
        Answer started = answer(send(run, "/start", start, name + "-b", true));
        return new Started(run, leased ? started.body().get("lease_token").asString() : null);
    }

    private static Answer answer(@Nullable Answer answer) {
        if (answer == null) {
            throw new IllegalStateException("a careful client always has an answer");
        }
        return answer;
    }

    private static ObjectNode leased(Started started) {
        ObjectNode body = LedgerClient.object();
        return started.leaseToken() == null ? body : body.put("lease_token", started.leaseToken());
    }

    private static ObjectNode note(String type, int number) {
        ObjectNode note = LedgerClient.object().put("type", type);
        note.putObject("payload").put("number", number);
        return note;
    }

    /** Sends a command until it is answered; a careless client sends it once, and gets null when no answer came. */
    private @Nullable Answer send(
            @Nullable String run, String path, ObjectNode body, String commandId, boolean careful) {
        body.put("command_id", commandId);
        long begun = System.nanoTime();
        do {
            Answer answer = once("/v1/runs" + (run == null ? "" : "/" + run) + path, body);
            if (answer != null) {
                long ended = System.nanoTime();
                history.add(new Sent(answer.id(), commandId, answer.version(), begun, ended));
                acknowledged.incrementAndGet();
                listener.accept(ended);
                return answer;
            }
            unknown.incrementAndGet();
            LockSupport.parkNanos(PAUSE);
        } while (careful
                && System.nanoTime() - begun < patience.toNanos()
                && !Thread.currentThread().isInterrupted());
        if (careful) {
            throw new AssertionError("no answer for " + patience + ": " + path + " " + body);
        }
        history.add(new Sent(String.valueOf(run), commandId, null, begun, Long.MAX_VALUE));
        return null;
    }

    private @Nullable Answer once(String path, ObjectNode body) {
        try {
            Answer answer = client.post(path, body);
            boolean again = answer.status() == 503 || answer.code().equals("conflict");
            if (!answer.isSuccess() && !again) {
                throw new AssertionError(path + " " + body + " was answered " + answer.status() + " " + answer.body());
            }
            return answer.isSuccess() ? answer : null;
        } catch (IOException | IllegalStateException e) {
            return null; // The ledger is away; what it did with the command nobody knows.
        }
    }
}

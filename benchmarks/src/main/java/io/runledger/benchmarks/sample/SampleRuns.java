package io.runledger.benchmarks.sample;

import io.runledger.api.Json;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunAttemptFailed;
import io.runledger.api.RunEvent.RunCancelled;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.RunEvent.RunFailed;
import io.runledger.api.RunEvent.RunProgressed;
import io.runledger.api.RunEvent.RunQueued;
import io.runledger.api.RunEvent.RunStarted;
import io.runledger.api.RunEvent.RunStopped;
import io.runledger.api.RunEvent.RunSucceeded;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.RunStatus;
import io.runledger.api.Target;
import io.runledger.benchmarks.sample.SampleRun.Happening;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Makes up runs, one after the other in the order of their creation; the same seed makes the same runs. */
final class SampleRuns {

    static final String ACTOR = "key:sample";
    static final int LEASE_SECONDS = 60;

    private static final long SECOND = 1_000_000;
    private static final long LONGEST = 3_600 * SECOND;

    /** The last so many runs are waiting or under way. */
    private static final long MOST_UNDER_WAY = 2_000;

    private static final int CHILDREN = 5;

    private final SplittableRandom random;
    private final long count;
    private final long begin;
    private final long step;

    private long made;
    private @Nullable SampleRun parent;
    private int children;

    /** So many runs, created evenly between these times in microseconds since 1970. */
    SampleRuns(long count, long seed, long begin, long end) {
        this.random = new SplittableRandom(seed);
        this.count = count;
        this.begin = begin;
        this.step = (end - begin) / count;
    }

    boolean hasNext() {
        return made < count;
    }

    /** When the next run will be created, in microseconds since 1970. */
    long nextAt() {
        return begin + made * step;
    }

    SampleRun next() {
        long at = nextAt();
        made++;
        RunId id = RunId.at(at / 1_000, random.nextInt(), random.nextLong());
        SampleRun family = children > 0 ? parent : null;
        children -= family == null ? 0 : 1;
        String project =
                family == null ? Vocabulary.project(random) : family.created().project();
        RunCreated created = created(id, project);
        List<Happening> happenings = new ArrayList<>(6);
        happenings.add(new Happening(at, created));
        happenings.add(new Happening(at, new RunQueued()));
        live(happenings, created, at);
        SampleRun run = new SampleRun(id, created, family == null ? null : family.id(), happenings);
        if (family == null && random.nextInt(50) == 0) {
            parent = run;
            children = CHILDREN;
        }
        return run;
    }

    private RunCreated created(RunId id, String project) {
        int number = random.nextInt(100_000);
        String name = random.nextInt(10) < 7 ? Vocabulary.sort(random) + "-" + number : null;
        Json input = new Json("{\"file\":\"s3://incoming/" + number + ".json\",\"width\":" + random.nextInt(4_000)
                + ",\"options\":{\"quality\":" + random.nextInt(100)
                + ",\"format\":\"webp\",\"keep\":true},\"tags\":[\"a" + random.nextInt(50) + "\",\"b"
                + random.nextInt(50) + "\"]}");
        return new RunCreated(
                id,
                project,
                Target.of(Vocabulary.target(random)),
                RunMode.ASYNC,
                random.nextInt(10) < 3 ? "order-" + made : null,
                name,
                input,
                null,
                Vocabulary.labels(random),
                null,
                random.nextInt(10) < 6
                        ? Vocabulary.STAGES.get(Vocabulary.skewed(random, Vocabulary.STAGES.size()))
                        : null,
                Vocabulary.QUEUES.get(Vocabulary.skewed(random, Vocabulary.QUEUES.size())),
                random.nextInt(10) == 0 ? random.nextInt(-5, 6) : 0,
                3,
                null,
                null,
                null,
                null,
                null);
    }

    private void live(List<Happening> happenings, RunCreated created, long at) {
        boolean last = count - made < Math.min(count / 50, MOST_UNDER_WAY);
        if (last && random.nextInt(10) < 6) {
            return;
        }
        long now = at + waited();
        if (random.nextInt(100) < 2) {
            happenings.add(new Happening(now, new RunCancelled("not needed any more")));
            return;
        }
        now = attempts(happenings, now);
        if (random.nextInt(4) == 0) {
            now += worked() / 2;
            happenings.add(new Happening(now, new RunProgressed((double) random.nextInt(100), "half way")));
        }
        if (last) {
            return;
        }
        happenings.add(new Happening(Math.min(now + worked(), at + LONGEST), end(created)));
    }

    /** Nearly always one attempt; when this returns, the last one has begun. */
    private long attempts(List<Happening> happenings, long from) {
        long now = from;
        boolean again = random.nextInt(100) < 4;
        for (int attempt = 1; attempt <= (again ? 2 : 1); attempt++) {
            happenings.add(new Happening(now, new RunStarted(attempt, "worker-" + random.nextInt(64), LEASE_SECONDS)));
            if (again && attempt == 1) {
                now += worked();
                happenings.add(new Happening(now, new RunAttemptFailed(1, error(), null)));
                happenings.add(new Happening(now, new RunQueued()));
                now += waited();
            }
        }
        return now;
    }

    private RunEvent end(RunCreated created) {
        int perMille = random.nextInt(10_000);
        if (perMille < 900) {
            return new RunFailed(error(), 1);
        }
        if (perMille < 905) {
            return new RunStopped(RunStatus.RUNNING, "by hand");
        }
        return new RunSucceeded(
                new Json("{\"bytes\":" + random.nextInt(1_000_000) + ",\"stored\":\"s3://done/" + created.runId()
                        + ".webp\"}"),
                0);
    }

    private RunError error() {
        String code = Vocabulary.ERRORS.get(Vocabulary.skewed(random, Vocabulary.ERRORS.size()));
        String message = code + " at host " + random.nextInt(2_000) + " while writing shard " + random.nextInt(500);
        return new RunError(code, message, true, null);
    }

    /** Around a second. */
    private long waited() {
        return (long) (-Math.log(1 - random.nextDouble()) * SECOND) + 1;
    }

    /** Three seconds in the middle, a few minutes at the most: a log-normal distribution. */
    private long worked() {
        double normal = random.nextGaussian();
        return Math.min((long) (3 * SECOND * Math.exp(1.5 * normal)), LONGEST / 4) + 1;
    }
}

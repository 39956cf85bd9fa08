package io.runledger.query.log;

import io.runledger.api.RunView;
import io.runledger.query.event.OpenStreams.OpenStream;
import io.runledger.query.event.SseSource;
import io.runledger.query.log.LogFollowers.Follower;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import tools.jackson.databind.json.JsonMapper;

/** A run's log as a stream, until the run has ended. What is logged after that is for whoever comes later. */
final class LogStream implements SseSource {

    private static final Logger LOG = LoggerFactory.getLogger(LogStream.class);
    private static final int SLICE = 100;
    private static final String TYPE = "log";
    private static final long DATABASE_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Asking again and again whether the run has ended, when nobody may wait for that, would leave no time. */
    private static final long ASKING_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LogReader reader;
    private final Follower follower;
    private final Supplier<CompletableFuture<RunView>> endings;
    private final JsonMapper mapper;

    private CompletableFuture<RunView> end;
    private long askedAt;
    private int last;
    private boolean over;

    /**
     * A stream of the lines after {@code last}, for the calling thread, whose follower this is.
     *
     * @param endings asks for the run when it has ended, or as it is after a while
     */
    LogStream(
            LogReader reader,
            Follower follower,
            Supplier<CompletableFuture<RunView>> endings,
            JsonMapper mapper,
            int last) {
        this.reader = reader;
        this.follower = follower;
        this.endings = endings;
        this.mapper = mapper;
        this.last = last;
        this.end = askForEnd();
    }

    private CompletableFuture<RunView> askForEnd() {
        askedAt = System.nanoTime();
        CompletableFuture<RunView> asked = endings.get();
        var _ = asked.whenComplete((_, _) -> follower.wake());
        return asked;
    }

    @Override
    public Batch next(OpenStream stream) {
        // Looked at before the lines are read: what was logged before the end is sent.
        boolean ended = hasEnded();
        try {
            List<LogLine> lines = stream.read(() -> reader.after(follower.project(), follower.run(), last, SLICE));
            boolean all = lines.size() < SLICE;
            over = all && ended;
            last = lines.isEmpty() ? last : lines.getLast().number();
            return new Batch(lines.stream().map(this::sent).toList(), all);
        } catch (DataAccessException e) {
            LOG.debug("a log cannot be read, trying again", e);
            LockSupport.parkNanos(this, DATABASE_PAUSE_NANOS);
            return new Batch(List.of(), false);
        }
    }

    private Sent sent(LogLine line) {
        return new Sent(line.number(), TYPE, mapper.writeValueAsBytes(line));
    }

    private boolean hasEnded() {
        if (!end.isDone()) {
            return false;
        }
        if (!end.isCompletedExceptionally() && end.join().status().isEnd()) {
            return true;
        }
        if (System.nanoTime() - askedAt >= ASKING_PAUSE_NANOS) {
            end = askForEnd();
        }
        return false;
    }

    @Override
    public boolean isOver() {
        return over;
    }

    @Override
    public void await(long nanos, BooleanSupplier isOver) {
        follower.await(nanos, isOver);
    }
}

package io.runledger.query.event;

import io.runledger.api.Problem;
import io.runledger.query.event.OpenStreams.OpenStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/** A feed as a stream: history from the database, then what is new from the tail. */
final class EventStream implements SseSource {

    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
    private static final long DATABASE_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Feed feed;
    private final Tail tail;
    private final Watch watch;
    private final LargeEvents printed;

    /** The position up to which everything was sent, or was not wanted. */
    private long searched;

    /** A stream for the calling thread, whose watch this is. */
    EventStream(Feed feed, Tail tail, Watch watch, LargeEvents printed) {
        this.feed = feed;
        this.tail = tail;
        this.watch = watch;
        this.printed = printed;
        this.searched = feed.start();
    }

    @Override
    public Batch next(OpenStream stream) {
        Found found = find(stream);
        List<Sent> events = new ArrayList<>();
        for (TailEvent event : found.events()) {
            if (feed.takes(event)) {
                events.add(new Sent(feed.idOf(event.event()), event.event().type(), printed.json(event)));
            }
        }
        searched = Math.max(searched, found.searched());
        return new Batch(events, found.all());
    }

    private Found find(OpenStream stream) {
        try {
            Found recent = tail.after(searched, feed.subject()::includes);
            return recent == null ? feed.history(stream, searched, tail.head()) : feed.narrowed(stream, recent);
        } catch (Problem e) {
            LOG.debug("the view is behind, trying again", e);
            return new Found(List.of(), searched, false);
        } catch (DataAccessException e) {
            LOG.debug("history cannot be read, trying again", e);
            LockSupport.parkNanos(this, DATABASE_PAUSE_NANOS);
            return new Found(List.of(), searched, false);
        }
    }

    @Override
    public boolean isOver() {
        return feed.isOver();
    }

    @Override
    public void await(long nanos, BooleanSupplier over) {
        long first = watch.await(nanos, over);
        // The tail announces everything, so before the first that it announced there was nothing.
        searched = first == Watch.NOTHING ? searched : Math.max(searched, first - 1);
    }
}

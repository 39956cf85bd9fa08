package io.runledger.query.event;

import io.runledger.api.Problem;
import io.runledger.query.event.OpenStreams.OpenStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import tools.jackson.databind.json.JsonMapper;

/**
 * One open stream, on a thread of its own: history, then what is new, until the feed, the client or this node ends. It
 * holds no database connection while it waits, and no more events than one batch.
 */
final class EventStream {

    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
    private static final long DATABASE_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Feed feed;
    private final Tail tail;
    private final StreamSettings settings;
    private final JsonMapper mapper;

    /** The position up to which everything was sent, or was not wanted. */
    private long searched;

    EventStream(Feed feed, Tail tail, StreamSettings settings, JsonMapper mapper) {
        this.feed = feed;
        this.tail = tail;
        this.settings = settings;
        this.mapper = mapper;
        this.searched = feed.start();
    }

    /** Sends everything; returns when the stream is over, for whatever reason, and has said why as its last words. */
    void run(OpenStream stream, Watch watch, SseWriter out) throws IOException {
        out.begin();
        while (!stream.isOver()) {
            Found found = next(stream);
            if (!send(found, out)) {
                out.comment("too slow: what was sent took too long to be read; come back with Last-Event-ID");
                return;
            }
            if (found.all() && feed.isOver()) {
                out.comment("the run has ended");
                return;
            }
            if (found.all()) {
                long first = watch.await(settings.heartbeat().toNanos() - out.silentNanos(), stream::isOver);
                // The tail announces everything, so before the first that it announced there was nothing.
                searched = first == Watch.NOTHING ? searched : Math.max(searched, first - 1);
            }
            if (out.silentNanos() >= settings.heartbeat().toNanos()) {
                out.comment("still here");
            }
        }
        out.comment("this node is stopping; come back with Last-Event-ID");
    }

    private Found next(OpenStream stream) {
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

    /** Whether the client took it in time; one that takes nothing at all is cut off by the web server. */
    private boolean send(Found found, SseWriter out) throws IOException {
        long begun = System.nanoTime();
        boolean any = false;
        for (TailEvent event : found.events()) {
            if (feed.takes(event)) {
                out.event(feed.idOf(event.event()), event.event().type(), event.json(mapper));
                any = true;
            }
        }
        if (any) {
            out.flush();
        }
        searched = Math.max(searched, found.searched());
        return System.nanoTime() - begun <= settings.patience().toNanos();
    }
}

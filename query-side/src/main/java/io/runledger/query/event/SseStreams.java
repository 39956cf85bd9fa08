package io.runledger.query.event;

import io.runledger.api.Caller;
import io.runledger.query.event.OpenStreams.OpenStream;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * Answers requests with server-sent events, each on the thread of its request: what there is, then what is new, until the
 * source, the client or this node ends. A stream holds no database connection while it waits, and no more than one batch.
 */
public final class SseStreams {

    private static final Logger LOG = LoggerFactory.getLogger(SseStreams.class);

    private final OpenStreams open;
    private final StreamSettings settings;

    SseStreams(OpenStreams open, StreamSettings settings) {
        this.open = open;
        this.settings = settings;
    }

    /** Sends everything; returns when the stream is over. What is refused is refused before the answer begins. */
    public void answer(SseSource source, Caller caller, HttpServletResponse response) throws IOException {
        try (OpenStream stream = open.enter(caller)) {
            response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
            response.setCharacterEncoding("UTF-8");
            response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
            // Tells proxies like nginx not to collect the answer before they pass it on.
            response.setHeader("X-Accel-Buffering", "no");
            SseWriter out = new SseWriter(response.getOutputStream());
            send(source, stream, out);
        }
    }

    private void send(SseSource source, OpenStream stream, SseWriter out) {
        try {
            run(source, stream, out);
        } catch (IOException e) {
            // Gone, or too slow for too long; either way there is nobody to tell.
            LOG.debug("a stream broke", e);
        }
    }

    /** Sends everything; returns when the stream is over, for whatever reason, and has said why as its last words. */
    void run(SseSource source, OpenStream stream, SseWriter out) throws IOException {
        out.begin();
        while (!stream.isOver()) {
            SseSource.Batch batch = source.next(stream);
            if (!send(batch, out)) {
                out.comment("too slow: what was sent took too long to be read; come back with Last-Event-ID");
                return;
            }
            if (batch.all() && source.isOver()) {
                out.comment("the run has ended");
                return;
            }
            if (batch.all()) {
                source.await(settings.heartbeat().toNanos() - out.silentNanos(), stream::isOver);
            }
            if (out.silentNanos() >= settings.heartbeat().toNanos()) {
                out.comment("still here");
            }
        }
        out.comment(
                stream.isExpelled() ? "the key holds no more" : "this node is stopping; come back with Last-Event-ID");
    }

    /** Whether the client took it in time; one that takes nothing at all is cut off by the web server. */
    private boolean send(SseSource.Batch batch, SseWriter out) throws IOException {
        long begun = System.nanoTime();
        if (!batch.events().isEmpty()) {
            while (!batch.events().isEmpty()) {
                SseSource.Sent event = batch.events().remove();
                out.event(event.id(), event.type(), event.json());
            }
            out.flush();
        }
        return System.nanoTime() - begun <= settings.patience().toNanos();
    }
}

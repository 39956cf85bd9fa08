package io.runledger.query.event;

import io.runledger.query.event.OpenStreams.OpenStream;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/** Answers requests with streams of events, each on the thread of its request. */
final class EventStreams {

    private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);

    private final Tail tail;
    private final OpenStreams open;
    private final StreamSettings settings;
    private final JsonMapper mapper;

    EventStreams(Tail tail, OpenStreams open, StreamSettings settings, JsonMapper mapper) {
        this.tail = tail;
        this.open = open;
        this.settings = settings;
        this.mapper = mapper;
    }

    /** Sends the feed; returns when the stream is over. What is refused is refused before the answer begins. */
    void answer(Feed feed, HttpServletResponse response) throws IOException {
        try (OpenStream stream = open.enter();
                Watch watch = tail.watch(feed.subject())) {
            response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
            response.setCharacterEncoding("UTF-8");
            response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
            // Tells proxies like nginx not to collect the answer before they pass it on.
            response.setHeader("X-Accel-Buffering", "no");
            SseWriter out = new SseWriter(response.getOutputStream());
            send(feed, stream, watch, out);
        }
    }

    private void send(Feed feed, OpenStream stream, Watch watch, SseWriter out) {
        try {
            new EventStream(feed, tail, settings, mapper).run(stream, watch, out);
        } catch (IOException e) {
            // Gone, or too slow for too long; either way there is nobody to tell.
            LOG.debug("a stream broke", e);
        }
    }
}

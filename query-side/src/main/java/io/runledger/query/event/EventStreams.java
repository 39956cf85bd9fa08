package io.runledger.query.event;

import io.runledger.api.Caller;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import tools.jackson.databind.json.JsonMapper;

/** Answers requests with streams of events. */
final class EventStreams {

    private final Tail tail;
    private final SseStreams streams;
    private final LargeEvents printed;

    EventStreams(Tail tail, SseStreams streams, JsonMapper mapper) {
        this.tail = tail;
        this.streams = streams;
        this.printed = new LargeEvents(mapper);
    }

    /** Sends the feed; returns when the stream is over. What is refused is refused before the answer begins. */
    void answer(Feed feed, Caller caller, HttpServletResponse response) throws IOException {
        try (Watch watch = tail.watch(feed.subject())) {
            streams.answer(new EventStream(feed, tail, watch, printed), caller, response);
        }
    }
}

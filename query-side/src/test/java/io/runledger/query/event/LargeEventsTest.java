package io.runledger.query.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class LargeEventsTest {

    private static final int LARGE = (int) Found.MOST_BYTES;

    private final LargeEvents printed = new LargeEvents(JsonMapper.builder().build());

    /** A copy of its own of the event at this position, as each stream reads it. */
    private static TailEvent event(long position, int payload) {
        return RecentEventsTest.event(position, payload);
    }

    @Test
    void streams_that_read_the_same_large_event_send_the_same_bytes() {
        byte[] json = printed.json(event(1, LARGE));
        assertThat(printed.json(event(1, LARGE))).isSameAs(json);
        assertThat(printed.json(event(2, LARGE))).isNotSameAs(json);
        assertThat(new String(json, StandardCharsets.UTF_8)).contains("x".repeat(LARGE));
    }

    @Test
    void what_no_stream_sends_any_more_is_in_nobodys_memory() {
        WeakReference<byte[]> json = new WeakReference<>(printed.json(event(1, LARGE)));
        await().until(() -> {
            System.gc();
            return json.refersTo(null);
        });
        assertThat(printed.json(event(1, LARGE))).hasSizeGreaterThan(LARGE);
    }

    @Test
    void a_small_event_is_printed_for_each() {
        byte[] json = printed.json(event(1, 10));
        assertThat(printed.json(event(1, 10))).isNotSameAs(json).isEqualTo(json);
    }
}

package io.runledger.query.event;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** An event with its project, as many streams share it: its JSON is printed once, for the first that sends it. */
final class TailEvent {

    /** What an event needs in memory beside its payload: header, texts, hash, as objects and as JSON. */
    private static final int HEADER_BYTES = 2_000;

    private final String project;
    private final LedgerEvent event;
    private volatile byte @Nullable [] json;

    TailEvent(String project, LedgerEvent event) {
        this.project = project;
        this.event = event;
    }

    String project() {
        return project;
    }

    LedgerEvent event() {
        return event;
    }

    long position() {
        return event.position();
    }

    /** About what it takes in memory: the payload as text, and once more as JSON. */
    long bytes() {
        return HEADER_BYTES + 2L * event.payload().text().length();
    }

    /** The event as JSON on one line; nobody may change these bytes. */
    byte[] json(JsonMapper mapper) {
        byte[] known = json;
        if (known == null) {
            known = oneLine(mapper.writeValueAsBytes(event));
            json = known;
        }
        return known;
    }

    /** Where JSON has a line break it is white space, so a blank says the same. */
    static byte[] oneLine(byte[] json) {
        byte[] line = Arrays.copyOf(json, json.length);
        for (int i = 0; i < line.length; i++) {
            if (line[i] == '\n' || line[i] == '\r') {
                line[i] = ' ';
            }
        }
        return line;
    }
}

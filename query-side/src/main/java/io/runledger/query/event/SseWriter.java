package io.runledger.query.event;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes server-sent events straight to the client; a client that does not read makes the writer wait. The web server
 * has a buffer for every answer, and thousands of streams should not have a second one each.
 */
final class SseWriter {

    private final OutputStream out;
    private long lastFlush = System.nanoTime();

    SseWriter(OutputStream out) {
        this.out = out;
    }

    /** Sends at once what makes the client know that the stream is open, and how soon to come back if it breaks. */
    void begin() throws IOException {
        text(": events follow\nretry: 1000\n\n");
        flush();
    }

    void event(long id, String type, byte[] json) throws IOException {
        text("id: " + id + "\nevent: " + type + "\ndata: ");
        out.write(json);
        text("\n\n");
    }

    /** Says something that is no event, at once. */
    void comment(String words) throws IOException {
        text(": " + words + "\n\n");
        flush();
    }

    void flush() throws IOException {
        out.flush();
        lastFlush = System.nanoTime();
    }

    /** For how long the client has heard nothing. */
    long silentNanos() {
        return System.nanoTime() - lastFlush;
    }

    private void text(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }
}

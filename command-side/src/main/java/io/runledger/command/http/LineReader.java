package io.runledger.command.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Cuts a stream of bytes into lines, holding no more than one line of limited length in memory. */
final class LineReader {

    private static final int CHUNK = 1 << 16;

    private final InputStream in;
    private final int maxBytes;
    private final byte[] chunk = new byte[CHUNK];
    private int next;
    private int end;
    private byte[] line = new byte[1 << 10];

    LineReader(InputStream in, int maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /** A line without its end; {@code bytes} is null when it was too long, and what it held is gone. */
    record Line(byte @Nullable [] bytes) {}

    /** The next line; null at the end of the stream. Waits for input. */
    @Nullable
    Line next() throws IOException {
        int length = 0;
        boolean any = false;
        while (true) {
            if (next == end) {
                end = in.read(chunk, 0, CHUNK);
                next = 0;
                if (end < 0) {
                    end = 0;
                    return any ? line(length) : null;
                }
                continue;
            }
            any = true;
            int stop = next;
            while (stop < end && chunk[stop] != '\n') {
                stop++;
            }
            length = take(length, stop);
            boolean complete = stop < end;
            next = complete ? stop + 1 : stop;
            if (complete) {
                return line(length);
            }
        }
    }

    private Line line(int length) {
        return new Line(length > maxBytes ? null : Arrays.copyOf(line, length));
    }

    /** Adds what stands before {@code stop} to the line; past the limit only the length is kept. */
    private int take(int length, int stop) {
        int more = stop - next;
        if (length + more > maxBytes) {
            return maxBytes + 1;
        }
        if (length + more > line.length) {
            line = Arrays.copyOf(line, Math.max(length + more, Math.min(line.length * 2, maxBytes)));
        }
        System.arraycopy(chunk, next, line, length, more);
        return length + more;
    }
}

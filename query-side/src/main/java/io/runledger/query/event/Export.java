package io.runledger.query.event;

import io.runledger.api.Caller;
import io.runledger.query.event.OpenStreams.OpenStream;
import io.runledger.query.http.Lines;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes lines of JSON, slice by slice: it holds one slice at a time, no connection while it writes, and no transaction.
 * The last line tells where to go on; without it the export is not complete.
 */
final class Export {

    private static final int BUFFER_BYTES = 16 << 10;

    private final OpenStreams open;
    private final JsonMapper mapper;

    Export(OpenStreams open, JsonMapper mapper) {
        this.open = open;
        this.mapper = mapper;
    }

    /** Writes all lines; stops short of the last one when the node stops, or the caller's key holds no more. */
    void write(Lines lines, Caller caller, OutputStream target) throws IOException {
        try (OpenStream stream = open.enter(caller)) {
            OutputStream out = new BufferedOutputStream(target, BUFFER_BYTES);
            while (!lines.isDone() && !stream.isOver()) {
                for (Object line : stream.read(lines::next)) {
                    write(line, out);
                }
            }
            if (lines.isDone()) {
                write(lines.end(), out);
            }
            out.flush();
        }
    }

    private void write(Object line, OutputStream out) throws IOException {
        out.write(TailEvent.oneLine(mapper.writeValueAsBytes(line)));
        out.write('\n');
    }
}

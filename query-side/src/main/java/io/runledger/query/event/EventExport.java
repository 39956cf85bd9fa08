package io.runledger.query.event;

import io.runledger.query.event.OpenStreams.OpenStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a project's events as lines of JSON, slice by slice: it holds one slice at a time, no connection while it writes,
 * and no transaction. The last line tells where to go on; without it the export is not complete.
 */
final class EventExport {

    private static final EventReader.Bounds SLICE = new EventReader.Bounds(500, 1 << 20);
    private static final int BUFFER_BYTES = 16 << 10;

    private final EventReader reader;
    private final OpenStreams open;
    private final JsonMapper mapper;

    EventExport(EventReader reader, OpenStreams open, JsonMapper mapper) {
        this.reader = reader;
        this.open = open;
        this.mapper = mapper;
    }

    /** The last line of a complete export. */
    private record End(boolean end, long events, long next) {}

    /** Writes every event after this position that is there now; stops short of the last line when the node stops. */
    void write(String project, EventFilter filter, long after, OutputStream target) throws IOException {
        try (OpenStream stream = open.enter()) {
            OutputStream out = new BufferedOutputStream(target, BUFFER_BYTES);
            long head = stream.read(reader::head);
            long searched = after;
            long events = 0;
            while (searched < head && !stream.isOver()) {
                long from = searched;
                long last = EventQueries.endOfWindow(from, head, filter);
                EventReader.Slice slice = stream.read(() -> reader.ofProject(project, from, last, filter, SLICE));
                for (TailEvent event : slice.events()) {
                    line(out, mapper.writeValueAsBytes(event.event()));
                    events++;
                }
                searched = slice.more() ? slice.events().getLast().position() : last;
            }
            if (searched >= head) {
                line(out, mapper.writeValueAsBytes(new End(true, events, searched)));
            }
            out.flush();
        }
    }

    private static void line(OutputStream out, byte[] json) throws IOException {
        out.write(TailEvent.oneLine(json));
        out.write('\n');
    }
}

package io.runledger.query.event;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Prints events for streams; a large one that many slow readers wait for in different copies is in memory once. */
final class LargeEvents {

    private final JsonMapper mapper;
    private final ConcurrentHashMap<Long, Printed> held = new ConcurrentHashMap<>();
    private final ReferenceQueue<byte[]> forgotten = new ReferenceQueue<>();

    LargeEvents(JsonMapper mapper) {
        this.mapper = mapper;
    }

    /** Kept by the streams that send it and by nobody else. */
    private static final class Printed extends WeakReference<byte[]> {

        private final long position;

        Printed(long position, byte[] json, ReferenceQueue<byte[]> forgotten) {
            super(json, forgotten);
            this.position = position;
        }
    }

    /** The event as JSON on one line; nobody may change these bytes. */
    byte[] json(TailEvent event) {
        // Smaller ones are bounded by the batch.
        return event.event().payload().text().length() > Found.MOST_BYTES ? shared(event) : event.json(mapper);
    }

    private byte[] shared(TailEvent event) {
        while (forgotten.poll() instanceof Printed printed) {
            held.remove(printed.position, printed);
        }
        byte @Nullable [] json = null;
        while (json == null) {
            // What is printed here is kept by the event; what others have printed may be forgotten just now.
            json = held.compute(event.position(), (position, known) -> orPrinted(position, known, event))
                    .get();
        }
        return json;
    }

    private Printed orPrinted(long position, @Nullable Printed known, TailEvent event) {
        return known == null || known.get() == null ? new Printed(position, event.json(mapper), forgotten) : known;
    }
}

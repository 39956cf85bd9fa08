package io.runledger.server.proof;

import io.runledger.api.EventHash;
import io.runledger.api.StoredEvent;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One event as the record holds it.
 *
 * @param hash as it is stored
 * @param consistent whether what the store keeps beside the payload, which no hash covers, is what the payload says
 */
record Link(StoredEvent event, long position, byte[] hash, boolean consistent) {

    /** What the next event of the run follows. */
    record End(String project, long sequence, long position, byte[] hash) {}

    End end() {
        return new End(event.project(), event.sequence(), position, hash);
    }

    /** What is wrong with it, if it follows this one; null when nothing is. */
    @Nullable
    Fault fault(@Nullable End before) {
        if (event.sequence() > 0 && (before == null || !before.project().equals(event.project()))) {
            return new Fault(Fault.Kind.MISSING, event.runId(), event.sequence() - 1, position, null);
        }
        byte[] previous = event.sequence() == 0 || before == null ? EventHash.genesis() : before.hash();
        if (!consistent || !Arrays.equals(hash, EventHash.next(previous, event))) {
            return fault(Fault.Kind.CHANGED);
        }
        return event.sequence() > 0 && before != null && before.position() > position
                ? fault(Fault.Kind.OUT_OF_ORDER)
                : null;
    }

    private Fault fault(Fault.Kind kind) {
        return new Fault(kind, event.runId(), event.sequence(), position, null);
    }
}

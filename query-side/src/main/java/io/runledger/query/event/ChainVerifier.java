package io.runledger.query.event;

import io.runledger.api.EventHash;
import io.runledger.api.Problem;
import io.runledger.api.RunId;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Computes a run's hash chain again, slice by slice, and tells where it breaks. */
final class ChainVerifier {

    private static final int SLICE = 1_000;

    private final EventReader reader;
    private final JdbcClient jdbc;

    ChainVerifier(EventReader reader, JdbcClient jdbc) {
        this.reader = reader;
        this.jdbc = jdbc;
    }

    /**
     * Checks every event of the run.
     *
     * @throws Problem when the project has no such run
     */
    Verification verify(String project, RunId runId) {
        if (!project.equals(reader.projectOf(runId))) {
            throw Problem.noSuchRun(runId.toString());
        }
        // A chain that lost its end is whole in itself; only the view may remember more. Ask it first, it follows.
        long remembered = versionInView(runId);
        Chain chain = new Chain(project);
        EventReader.Slice slice;
        long last = -1;
        do {
            slice = reader.ofRun(runId, last, EventFilter.ALL, EventReader.Bounds.ofEvents(SLICE));
            slice.events().forEach(found -> chain.add(found.event()));
            last = slice.events().isEmpty()
                    ? last
                    : slice.events().getLast().event().sequence();
        } while (slice.more());
        return chain.verification(remembered);
    }

    private long versionInView(RunId runId) {
        return jdbc.sql("select coalesce(max(version), -1) from view.run where id = ?")
                .param(runId.value())
                .query(Long.class)
                .single();
    }

    /** The chain as far as it was read. */
    private static final class Chain {

        private final String project;
        private byte[] hash = EventHash.genesis();
        private long count;
        private long lastSequence = -1;
        private String headHash = "";
        private @Nullable Long brokenAt;

        Chain(String project) {
            this.project = project;
        }

        void add(LedgerEvent event) {
            long expected = lastSequence + 1;
            count++;
            lastSequence = event.sequence();
            headHash = event.hash();
            if (brokenAt != null) {
                return;
            }
            if (event.sequence() != expected) {
                brokenAt = expected;
                return;
            }
            hash = EventHash.next(hash, event.stored(project));
            if (!HexFormat.of().formatHex(hash).equals(event.hash())) {
                brokenAt = event.sequence();
            }
        }

        Verification verification(long remembered) {
            Long broken = brokenAt == null && remembered > lastSequence ? (Long) (lastSequence + 1) : brokenAt;
            return new Verification(broken == null, count, headHash, broken);
        }
    }
}

package io.runledger.query.event;

import io.runledger.api.EventHash;
import io.runledger.api.Problem;
import io.runledger.api.RunId;
import io.runledger.query.project.ProjectReader;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Computes a run's hash chain again, slice by slice, and tells where it breaks. */
final class ChainVerifier {

    private static final int SLICE = 1_000;

    private final EventReader reader;
    private final ProjectReader rows;

    ChainVerifier(EventReader reader, ProjectReader rows) {
        this.reader = reader;
        this.rows = rows;
    }

    /**
     * Checks every event of the run.
     *
     * @throws Problem when the project has no such run
     */
    Verification verify(String project, RunId runId) {
        if (!reader.isOfProject(project, runId)) {
            throw Problem.noSuchRun(runId.toString());
        }
        // A chain that lost its end is whole in itself; only the view may remember more. Ask it first, it follows.
        long remembered = versionInView(project, runId);
        Chain chain = new Chain(project);
        EventReader.Slice slice;
        long last = -1;
        do {
            slice = reader.ofRun(project, runId, last, EventFilter.ALL, EventReader.Bounds.ofEvents(SLICE));
            slice.events().forEach(found -> chain.add(found.event()));
            last = slice.events().isEmpty()
                    ? last
                    : slice.events().getLast().event().sequence();
        } while (slice.more());
        return chain.verification(remembered);
    }

    private long versionInView(String project, RunId runId) {
        return Objects.requireNonNull(rows.first(
                project,
                "select coalesce(max(version), -1) from of_project.run where id = ?",
                List.of(runId.value()),
                (row, _) -> row.getLong(1)));
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

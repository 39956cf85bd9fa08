package io.runledger.query.run;

import io.runledger.api.FindRun;
import io.runledger.api.Json;
import io.runledger.api.RecentlyUsed;
import io.runledger.api.RecordListener;
import io.runledger.api.RememberedRuns;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunStarted;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.api.StoredEvent;
import io.runledger.query.projection.RecordedEvent;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs that this node wrote to lately, folded from the very events that it wrote: a command is answered without asking
 * the database. What another node wrote in between is missing here, so the run is then forgotten, and only questions
 * that say which version is late enough are answered.
 */
final class RecentRuns implements RecordListener, RememberedRuns {

    /** How much is remembered by default, in characters of the runs' values. */
    static final long MOST_CHARACTERS = 16 << 20;

    /** What a run without values is counted for, and each of its artifacts. */
    private static final int CHARACTERS_OF_A_RUN = 1_000;

    private static final int CHARACTERS_OF_A_TASK = 200;

    private final RecentlyUsed<RunId, Known> known;

    RecentRuns(long mostCharacters) {
        this.known = new RecentlyUsed<>(mostCharacters, Known::characters);
    }

    @Override
    public void recorded(StoredEvent event, RunEvent content, long position) {
        Known run = event.sequence() == 0 ? new Known(event.runId()) : known.get(event.runId());
        if (run != null) {
            if (run.follow(event, content, position)) {
                known.put(event.runId(), run);
            } else {
                known.remove(event.runId());
            }
        }
    }

    @Override
    public @Nullable RunView view(FindRun query) {
        Known run = known.get(query.runId());
        return run == null ? null : run.view(query);
    }

    /** A run as its events tell it. */
    private static final class Known {

        private final RunRow row;

        /** Whether its events say all about it: what heartbeats have told since is known to the database only. */
        private boolean whole;

        Known(RunId id) {
            this.row = new RunRow(id);
        }

        /** Adds the event if it is the next one; whether it was. */
        synchronized boolean follow(StoredEvent event, RunEvent content, long position) {
            if (row.version != event.sequence() - 1) {
                return false;
            }
            RunFold.apply(
                    row,
                    new RecordedEvent(
                            row.id,
                            event.sequence(),
                            position,
                            event.occurredAt(),
                            event.recordedAt(),
                            event.actor(),
                            event.project(),
                            content));
            // A worker cannot be heard of before it was told that the run is started.
            whole = content instanceof RunStarted || !RunLeases.concern(row);
            return true;
        }

        synchronized @Nullable RunView view(FindRun query) {
            return whole && row.version >= query.since() && row.project.equals(query.project())
                    ? RunPresenter.view(row)
                    : null;
        }

        synchronized long characters() {
            return RecentRuns.characters(row);
        }
    }

    private static int characters(RunRow row) {
        int artifacts = row.artifacts == null ? 0 : row.artifacts.size();
        int tasks = row.tasks == null ? 0 : row.tasks.size();
        return CHARACTERS_OF_A_RUN * (1 + artifacts)
                + CHARACTERS_OF_A_TASK * tasks
                + Stream.of(row.metadata, row.input, row.config, row.output, row.checkpoint, row.errorDetails)
                        .filter(Objects::nonNull)
                        .map(Json::text)
                        .mapToInt(String::length)
                        .sum();
    }
}

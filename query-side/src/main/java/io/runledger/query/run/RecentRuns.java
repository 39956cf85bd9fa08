package io.runledger.query.run;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.runledger.api.FindRun;
import io.runledger.api.Json;
import io.runledger.api.RecordListener;
import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.api.StoredEvent;
import io.runledger.query.projection.RecordedEvent;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs that this node wrote to lately, folded from the very events that it wrote: a command is answered without asking
 * the database. What another node wrote in between is missing here, so the run is then forgotten, and only questions
 * that say which version is late enough are answered.
 */
final class RecentRuns implements RecordListener {

    /** How much is remembered by default, in characters of the runs' values. */
    static final long MOST_CHARACTERS = 16 << 20;

    /** What a run without values is counted for, and each of its artifacts. */
    private static final int CHARACTERS_OF_A_RUN = 1_000;

    private final Cache<RunId, RunRow> rows;

    RecentRuns(long mostCharacters) {
        this.rows = Caffeine.newBuilder()
                .maximumWeight(mostCharacters)
                .weigher((RunId _, RunRow row) -> characters(row))
                .build();
    }

    @Override
    public void recorded(StoredEvent event, RunEvent content, long position) {
        rows.asMap().compute(event.runId(), (id, known) -> next(id, known, event, content, position));
    }

    private static @Nullable RunRow next(
            RunId id, @Nullable RunRow known, StoredEvent event, RunEvent content, long position) {
        RunRow row = known == null && event.sequence() == 0 ? new RunRow(id) : known;
        if (row == null || row.version != event.sequence() - 1) {
            return null;
        }
        RunFold.apply(
                row,
                new RecordedEvent(
                        id,
                        event.sequence(),
                        position,
                        event.occurredAt(),
                        event.recordedAt(),
                        event.actor(),
                        event.project(),
                        content));
        return row;
    }

    /** The run, if it is remembered at the version that the question wants and its events say all about it. */
    @Nullable
    RunView view(FindRun query) {
        AtomicReference<@Nullable RunView> view = new AtomicReference<>();
        // Within the map, so that no event is added while the row is read.
        rows.asMap().computeIfPresent(query.runId(), (_, row) -> {
            if (row.version >= query.since() && row.project.equals(query.project()) && !RunLeases.concern(row)) {
                view.set(RunPresenter.view(row));
            }
            return row;
        });
        return view.get();
    }

    private static int characters(RunRow row) {
        int artifacts = row.artifacts == null ? 0 : row.artifacts.size();
        return CHARACTERS_OF_A_RUN * (1 + artifacts)
                + Stream.of(row.metadata, row.input, row.config, row.output, row.checkpoint, row.errorDetails)
                        .filter(Objects::nonNull)
                        .map(Json::text)
                        .mapToInt(String::length)
                        .sum();
    }
}

package io.runledger.query.run;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.runledger.api.FindRun;
import io.runledger.api.Json;
import io.runledger.api.RecordListener;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunStarted;
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

    private static final int CHARACTERS_OF_A_TASK = 200;

    private final Cache<RunId, Known> known;

    /** A run, and whether its events say all about it: what heartbeats have told since is known to the database only. */
    private record Known(RunRow row, boolean whole) {}

    RecentRuns(long mostCharacters) {
        this.known = Caffeine.newBuilder()
                .maximumWeight(mostCharacters)
                .weigher((RunId _, Known run) -> characters(run.row()))
                .build();
    }

    @Override
    public void recorded(StoredEvent event, RunEvent content, long position) {
        known.asMap().compute(event.runId(), (id, before) -> {
            RunRow row = before == null ? new RunRow(id) : before.row();
            return row.version == event.sequence() - 1 ? next(row, event, content, position) : null;
        });
    }

    private static Known next(RunRow row, StoredEvent event, RunEvent content, long position) {
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
        return new Known(row, content instanceof RunStarted || !RunLeases.concern(row));
    }

    /** The run, if it is remembered at the version that the question wants, and there is no more to say about it. */
    @Nullable
    RunView view(FindRun query) {
        AtomicReference<@Nullable RunView> view = new AtomicReference<>();
        // Within the map, so that no event is added while the row is read.
        known.asMap().computeIfPresent(query.runId(), (_, run) -> {
            RunRow row = run.row();
            if (run.whole() && row.version >= query.since() && row.project.equals(query.project())) {
                view.set(RunPresenter.view(row));
            }
            return run;
        });
        return view.get();
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

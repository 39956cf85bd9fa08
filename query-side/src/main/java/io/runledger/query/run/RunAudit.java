package io.runledger.query.run;

import io.runledger.api.Problem;
import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.query.projection.RecordedEvent;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.jspecify.annotations.Nullable;

/** Tells what each event made of a run. */
final class RunAudit {

    /** A page ends when its states have so many characters of JSON, so that memory stays bounded. */
    private static final long PAGE_CHARACTERS = 8 << 20;

    /** These change with every event and stand beside the state. */
    private static final Set<String> TOLD_ANYWAY = Set.of("version", "position", "updatedAt");

    private final RunHistories histories;

    RunAudit(RunHistories histories) {
        this.histories = histories;
    }

    /**
     * The changes after this sequence number.
     *
     * @throws Problem when the project has no such run
     */
    RunChange.Page page(String project, RunId id, long after, int limit) {
        RunRow row = new RunRow(id);
        RunView before = RunPresenter.unborn(id);
        List<RunChange> changes = new ArrayList<>();
        long characters = 0;
        DomainEventStream stream = histories.events(project, id, 0);
        while (stream.hasNext()) {
            RecordedEvent event = RecordedEvent.of(stream.next());
            if (changes.size() == limit || characters >= PAGE_CHARACTERS) {
                return new RunChange.Page(changes, true, changes.getLast().sequence());
            }
            RunFold.apply(row, event);
            if (event.sequence() >= after) {
                RunView state = RunPresenter.view(row);
                if (event.sequence() > after) {
                    changes.add(change(event, before, state));
                    characters += RunColumns.largeCharacters(row);
                }
                before = state;
            }
        }
        if (row.version == RunRow.NEW) {
            throw Problem.noSuchRun(id.toString());
        }
        return new RunChange.Page(changes, false, null);
    }

    private static RunChange change(RecordedEvent event, RunView before, RunView after) {
        return new RunChange(
                event.sequence(),
                event.position(),
                type(event.event()),
                event.occurredAt(),
                event.recordedAt(),
                event.actor(),
                after,
                changed(before, after));
    }

    private static Map<String, List<@Nullable Object>> changed(RunView before, RunView after) {
        Map<String, List<@Nullable Object>> changed = new LinkedHashMap<>();
        for (RecordComponent field : RunView.class.getRecordComponents()) {
            Object old = value(field, before);
            Object current = value(field, after);
            if (!TOLD_ANYWAY.contains(field.getName()) && !Objects.equals(old, current)) {
                changed.put(snakeCase(field.getName()), Arrays.asList(old, current));
            }
        }
        return changed;
    }

    private static @Nullable Object value(RecordComponent field, RunView of) {
        try {
            return field.getAccessor().invoke(of);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("every field of a run can be read", e);
        }
    }

    /** The event's name in the store, as the server's tests hold it against EventType, which is out of sight here. */
    static String type(RunEvent event) {
        return "run." + snakeCase(event.getClass().getSimpleName().substring("Run".length()));
    }

    private static String snakeCase(String camelCase) {
        return camelCase.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }
}

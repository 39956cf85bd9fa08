package io.runledger.query.event;

import io.runledger.api.RunId;
import io.runledger.query.event.OpenStreams.OpenStream;
import io.runledger.query.run.ListedRuns;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A project's events after a position. It never ends. */
final class ProjectFeed implements Feed {

    /** So long a stream waits for the view before it looks again whether it should go on. */
    private static final Duration PATIENCE_WITH_VIEW = Duration.ofSeconds(1);

    private final EventReader reader;
    private final Subject.OfProject subject;
    private final EventFilter filter;
    private final long after;

    /** What is known for ever about the runs asked for last. */
    private final Map<RunId, Boolean> known = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<RunId, Boolean> eldest) {
            return size() > Found.MOST;
        }
    };

    ProjectFeed(EventReader reader, String project, EventFilter filter, long after) {
        this.reader = reader;
        this.subject = new Subject.OfProject(project);
        this.filter = filter;
        this.after = after;
    }

    @Override
    public Subject subject() {
        return subject;
    }

    @Override
    public long start() {
        return after;
    }

    @Override
    public Found history(OpenStream stream, long searched, long head) {
        long last = EventQueries.endOfWindow(searched, head, filter);
        ListedRuns listed = filter.listed();
        if (listed != null) {
            // Not within a turn at the database: the view may need one to get on.
            listed.await(last, PATIENCE_WITH_VIEW);
        }
        EventReader.Slice slice = stream.read(() -> reader.ofProject(subject.project(), searched, last, filter, SLICE));
        long end = slice.more() ? slice.events().getLast().position() : last;
        return new Found(slice.events(), end, false);
    }

    @Override
    public Found narrowed(OpenStream stream, Found recent) {
        List<TailEvent> wanted = recent.events().stream()
                .filter(event -> filter.wants(event.event()))
                .toList();
        ListedRuns listed = filter.listed();
        if (listed == null || wanted.isEmpty()) {
            return new Found(wanted, recent.searched(), recent.all());
        }
        Map<RunId, Boolean> judged = judge(stream, listed, wanted);
        List<TailEvent> selected = wanted.stream()
                .filter(event -> judged.getOrDefault(event.event().runId(), false))
                .toList();
        return new Found(selected, recent.searched(), recent.all());
    }

    /** Which runs of these events are selected. */
    private Map<RunId, Boolean> judge(OpenStream stream, ListedRuns listed, List<TailEvent> events) {
        Map<RunId, Boolean> judged = new HashMap<>();
        Set<RunId> open = new HashSet<>();
        long position = after;
        for (TailEvent event : events) {
            RunId run = event.event().runId();
            Boolean before = known.get(run);
            if (before == null) {
                open.add(run);
                position = event.position();
            } else {
                judged.put(run, before);
            }
        }
        if (!open.isEmpty()) {
            listed.await(position, PATIENCE_WITH_VIEW);
            Set<RunId> selected = stream.read(() -> listed.among(open));
            open.forEach(run -> judged.put(run, selected.contains(run)));
            if (listed.isLasting()) {
                known.putAll(judged);
            }
        }
        return judged;
    }

    @Override
    public boolean takes(TailEvent event) {
        return true;
    }

    @Override
    public long idOf(LedgerEvent event) {
        return event.position();
    }

    @Override
    public boolean isOver() {
        return false;
    }
}

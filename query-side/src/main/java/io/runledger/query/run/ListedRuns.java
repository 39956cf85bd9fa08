package io.runledger.query.run;

import io.runledger.api.Problem;
import io.runledger.api.RunId;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.project.ProjectReader.Plan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Those runs of a project that the run list would show with the same filters, for whoever shows their events. A run is
 * judged as the view shows it at the moment of asking, so the view must show an event first: wait, then ask.
 */
public final class ListedRuns {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private final RunFilter filter;
    private final ProjectReader reader;
    private final ShownPosition shown;

    ListedRuns(RunFilter filter, ProjectReader reader, ShownPosition shown) {
        this.filter = filter;
        this.reader = reader;
        this.shown = shown;
    }

    /** Whether a run that is among them stays so for ever, and one that is not never will be. */
    public boolean isLasting() {
        return filter.isLasting();
    }

    /** Whether the run of a row of {@code of_project.event} is among them, in SQL; for {@link #values}. */
    public String sql() {
        // A subquery in the place of a value is asked for each row, by the primary key. As a join it might begin with
        // all runs that match, of which there may be millions for a handful of events.
        return "(select true from " + RunRelation.VIEW + " where id = event.run_id and "
                + filter.all().sql() + ")";
    }

    /** The values for the question marks of {@link #sql}. */
    public List<Object> values() {
        return filter.all().values();
    }

    /**
     * Returns when all events up to this position can be judged.
     *
     * @throws Problem when they cannot within 5 seconds
     */
    public void await(long position) {
        shown.await(position, LONGEST_WAIT);
    }

    /**
     * Returns when all events up to this position can be judged.
     *
     * @throws Problem when they cannot within this time
     */
    public void await(long position, Duration atMost) {
        shown.await(position, atMost);
    }

    /** Those of these runs that are among them, in one statement. */
    public Set<RunId> among(Collection<RunId> runs) {
        List<Object> values = new ArrayList<>();
        values.add(runs.stream().map(RunId::value).toArray(UUID[]::new));
        values.addAll(filter.all().values());
        String sql = "select id from " + RunRelation.VIEW + " where id = any(?) and "
                + filter.all().sql();
        return new HashSet<>(reader.list(
                filter.project(), Plan.KEPT, sql, values, (row, _) -> new RunId(row.getObject("id", UUID.class))));
    }
}

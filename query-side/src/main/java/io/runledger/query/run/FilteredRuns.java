package io.runledger.query.run;

import io.runledger.api.FindNextRuns;
import io.runledger.api.FindRuns;
import io.runledger.api.FoundRuns;
import io.runledger.api.NextRuns;
import io.runledger.api.Problem;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.query.project.ProjectReader;
import java.util.List;
import org.axonframework.queryhandling.QueryHandler;

/** Answers which runs a filter means, for whoever is going to do something to all of them. */
public final class FilteredRuns {

    private static final RunSort OLDEST_FIRST = new RunSort(RunSort.Field.CREATED_AT, false);

    private final ProjectReader reader;
    private final RunList list;
    private final RunPast past;
    private final RunMoments moments;

    FilteredRuns(ProjectReader reader, RunList list, RunPast past, RunMoments moments) {
        this.reader = reader;
        this.list = list;
        this.past = past;
        this.moments = moments;
    }

    /**
     * How many there are now, and some of them.
     *
     * @throws Problem when the filter is wrong or wants every run, or the view does not get to now in time
     */
    @QueryHandler
    public FoundRuns handle(FindRuns query) {
        RunFilter filter = RunFilterJson.read(query.project(), query.filter());
        LedgerMoment now = moments.await((AsOf) null);
        long total = list.count(filter, past.relation(now, filter, filter.isLasting()), query.most());
        List<RunView> sample = query.sample() == 0
                ? List.of()
                : list.page(
                                new RunListQuery(filter, OLDEST_FIRST, null, false, query.sample(), 0, false, "", null),
                                now)
                        .data();
        return new FoundRuns(now.position(), total, sample);
    }

    /**
     * The next of them, as they were at that position.
     *
     * @throws Problem when the view does not get there in time
     */
    @QueryHandler
    public NextRuns handle(FindNextRuns query) {
        RunFilter filter = RunFilterJson.read(query.project(), query.filter());
        LedgerMoment moment = moments.await(new AsOf.Position(query.position()));
        RunSlices slices = new RunSlices(reader, list, past, RunSlices.Bounds.of(query.limit()));
        RunId after = query.after();
        RunPlace place = after == null ? null : slices.placeOf(query.project(), after, moment);
        RunSlices.Slice slice = slices.after(place, filter, moment);
        RunPlace end = slice.end();
        return new NextRuns(slice.runs().stream().map(row -> row.id).toList(), end == null ? null : end.id());
    }
}

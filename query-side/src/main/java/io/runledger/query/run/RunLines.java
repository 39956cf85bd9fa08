package io.runledger.query.run;

import io.runledger.api.RunId;
import io.runledger.api.RunView;
import io.runledger.query.http.Lines;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A project's runs as they were at a moment, in order of their creation, after one of them. */
public final class RunLines implements Lines {

    private final RunSlices slices;
    private final RunFilter filter;
    private final LedgerMoment moment;
    private @Nullable RunPlace place;
    private @Nullable RunId last;
    private long count;
    private boolean done;

    RunLines(RunSlices slices, RunFilter filter, LedgerMoment moment, @Nullable RunPlace place) {
        this.slices = slices;
        this.filter = filter;
        this.moment = moment;
        this.place = place;
        this.last = place == null ? null : place.id();
    }

    /** The last line of a complete export. */
    private record End(
            boolean end, long runs, long position, @Nullable RunId next) {}

    /** The position of the ledger that they are as of. */
    public long position() {
        return moment.position();
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public List<RunView> next() {
        RunSlices.Slice slice = slices.after(place, filter, moment);
        place = slice.end();
        done = slice.end() == null;
        count += slice.runs().size();
        if (!slice.runs().isEmpty()) {
            last = slice.runs().getLast().id;
        }
        return slice.runs().stream().map(RunPresenter::view).toList();
    }

    @Override
    public Object end() {
        return new End(true, count, moment.position(), last);
    }
}

package io.runledger.query.run;

import io.runledger.query.http.QueryParameters;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.projection.ViewPosition;
import org.jspecify.annotations.Nullable;

/** Reads which runs are meant out of the filters of the run list, for calls about something else than runs. */
public final class ListedRunsFactory {

    private final ProjectReader reader;
    private final ShownPosition shown;

    /**
     * A factory for all of a node.
     *
     * @param view how far the view of runs has got
     */
    public ListedRunsFactory(ProjectReader reader, ViewPosition view) {
        this.reader = reader;
        this.shown = new ShownPosition(view);
    }

    /**
     * The runs that are meant; null when none of these parameters is given. The parameters {@code id} and {@code key} are
     * left to the caller, who may know quicker ways to a run. What is wrong is told to the parameters.
     */
    public @Nullable ListedRuns read(String project, QueryParameters parameters) {
        return RunFilters.readAttributes(project, parameters)
                .map(filter -> new ListedRuns(filter, reader, shown))
                .orElse(null);
    }
}

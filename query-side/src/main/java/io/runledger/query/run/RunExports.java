package io.runledger.query.run;

import io.runledger.api.Problem;
import io.runledger.api.RunId;
import io.runledger.query.http.QueryParameters;

/** Reads which runs are to be given away, of which moment, and after which of them. */
public final class RunExports {

    private static final String AFTER = "after";

    private final RunSlices slices;
    private final RunMoments moments;

    RunExports(RunSlices slices, RunMoments moments) {
        this.slices = slices;
        this.moments = moments;
    }

    /**
     * The runs that these parameters of this project ask for, once the view shows their moment.
     *
     * @throws Problem when parameters are wrong, with all that is wrong, or the view does not get there in time
     */
    public RunLines read(String project, QueryParameters parameters) {
        RunFilter filter = RunFilters.read(project, parameters);
        AsOf asOf = AsOf.ofList(parameters);
        RunId after = parameters.value(AFTER, "must be a run id: 26 characters, or 36", RunId::parse);
        parameters.check();
        LedgerMoment moment = moments.await(asOf);
        RunPlace place = after == null ? null : slices.placeOf(project, after, moment);
        if (after != null && place == null) {
            throw Problem.badRequest(
                    AFTER, "is no run of this project that was there at position " + moment.position());
        }
        return new RunLines(slices, filter, moment, place);
    }
}

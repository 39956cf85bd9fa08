package io.runledger.query.run;

import io.runledger.api.Problem;
import io.runledger.query.http.QueryParameters;
import io.runledger.query.projection.ViewPosition;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Lets a question wait until the view shows the moment that it is about. */
public final class RunMoments {

    /** How far the ledger had got; sent back with a list, it makes the list wait for its view. */
    public static final String LEDGER_POSITION = "Ledger-Position";

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private final LedgerTimes times;
    private final ViewPosition view;

    RunMoments(LedgerTimes times, ViewPosition view) {
        this.times = times;
        this.view = view;
    }

    /** The moment; the view need not have got there. */
    LedgerMoment of(AsOf asOf) {
        return times.moment(asOf);
    }

    /**
     * The moment that is asked for, once the view shows it and the position in this header; null for now.
     *
     * @throws Problem when it is yet to come, or the view does not get there in time
     */
    @Nullable
    LedgerMoment await(@Nullable AsOf asOf, @Nullable String ledgerPosition) {
        if (ledgerPosition != null) {
            view.await(wanted(ledgerPosition), LONGEST_WAIT);
        }
        return asOf == null ? null : await(asOf);
    }

    /**
     * The moment that is asked for, or that of now when it is null, once the view shows it.
     *
     * @throws Problem when it is yet to come, or the view does not get there in time
     */
    LedgerMoment await(@Nullable AsOf asOf) {
        LedgerMoment moment = asOf == null ? times.now() : times.moment(asOf);
        view.await(moment.position(), LONGEST_WAIT);
        return moment;
    }

    /**
     * Returns once the view shows the position in this header; at once without it.
     *
     * @throws Problem when the view does not get there in time
     */
    public void await(@Nullable String ledgerPosition) {
        await(null, ledgerPosition);
    }

    private static long wanted(String header) {
        Long wanted = QueryParameters.parse(header);
        if (wanted == null || wanted < 0) {
            throw Problem.badRequest(LEDGER_POSITION, "must be a position, as in the header of an answer");
        }
        return wanted;
    }
}

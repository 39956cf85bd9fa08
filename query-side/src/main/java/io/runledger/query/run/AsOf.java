package io.runledger.query.run;

import io.runledger.query.http.QueryParameters;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Which moment of the past is asked for: a time, a position of the ledger, or a run's sequence number. */
sealed interface AsOf {

    /** What the ledger had recorded at this time. */
    record Time(Instant time) implements AsOf {}

    /** What the ledger held up to this position. */
    record Position(long position) implements AsOf {}

    /** What one run was after this event of its own. */
    record Sequence(long sequence) implements AsOf {}

    String PARAMETER = "as_of";
    String POSITION_PREFIX = "position:";

    /** The moment that a list's parameter asks for; null when there is none, or it is wrong. */
    static @Nullable AsOf ofList(QueryParameters parameters) {
        return parameters.value(
                PARAMETER, "must be a time like 2026-01-31T12:00:00Z, or position: and a number", AsOf::timeOrPosition);
    }

    /** The moment that a run's parameter asks for; null when there is none, or it is wrong. */
    static @Nullable AsOf ofRun(QueryParameters parameters) {
        return parameters.value(
                PARAMETER,
                "must be a time like 2026-01-31T12:00:00Z, a sequence number, or position: and a number",
                text -> {
                    Long sequence = number(text);
                    return sequence == null ? timeOrPosition(text) : new Sequence(sequence);
                });
    }

    private static @Nullable AsOf timeOrPosition(String text) {
        if (text.startsWith(POSITION_PREFIX)) {
            Long position = number(text.substring(POSITION_PREFIX.length()));
            return position == null ? null : new Position(position);
        }
        Instant time = QueryParameters.parseTime(text);
        return time == null ? null : new Time(time);
    }

    private static @Nullable Long number(String text) {
        Long number = QueryParameters.parse(text);
        return number == null || number < 0 ? null : number;
    }
}

package io.runledger.query.run;

import io.runledger.api.Problem;
import io.runledger.api.RecentlyUsed;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Finds the moment of the ledger that a time stands for: one before which something was recorded by then, and after which
 * something later. Times rise with positions, nearly, since all nodes have one clock and read it a moment before a
 * position is drawn; so the search halves positions, and the ledger needs no index by time, which would make every append
 * slower. Where times do not rise there are several such moments. The search looks at positions that depend on no later
 * event, so it always comes to the same one, and for a later time never to an earlier one.
 */
final class LedgerTimes {

    /** How far the database's clock may have been set back without runs missing from a past list. */
    static final Duration CLOCK_SET_BACK = Duration.ofSeconds(30);

    /**
     * The bits of the position, from the highest on: each is set if the first event from there on was recorded by then.
     * So that event is at the very position in the end, and the one after it was recorded later or is not there.
     */
    private static final String SEARCH = """
            with recursive search(low, step) as (
                select 0::bigint, cast(2 ^ ceil(log(2.0, coalesce(max(position), 0) + 1)) as bigint) from ledger.event
                union all
                select case when (select recorded_at from ledger.event where position >= low + step order by position limit 1)
                    <= ? then low + step else low end, step / 2
                from search where step > 0
            )
            select low from search where step = 0""";

    private static final int REMEMBERED = 1_000;

    private final JdbcClient jdbc;
    private final Clock clock;

    /** What is asked for more than once, as a list, its next pages and its numbers are. */
    private final RecentlyUsed<AsOf, LedgerMoment> moments = new RecentlyUsed<>(REMEMBERED, _ -> 1);

    LedgerTimes(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * The moment that is asked for, at the position of an event or before the first.
     *
     * @throws Problem when it is yet to come
     */
    LedgerMoment moment(AsOf asOf) {
        LedgerMoment remembered = moments.get(asOf);
        if (remembered != null) {
            return remembered;
        }
        Instant now = clock.instant();
        LedgerMoment found = switch (asOf) {
            case AsOf.Time(Instant time) -> new LedgerMoment(positionAt(time, now), time.plus(CLOCK_SET_BACK));
            case AsOf.Position(long position) -> position(position);
            case AsOf.Sequence _ -> throw new IllegalArgumentException("a sequence number is a place in one run only");
        };
        if (isSettled(asOf, now)) {
            moments.put(asOf, found);
        }
        return found;
    }

    /**
     * Whether the moment is the same for ever. Holes between positions are never filled. At a time something may still be
     * recorded by an append that read the clock before, for as long as a statement may take. Should that be longer than
     * this, such a moment stays what the ledger held when it was first asked for.
     */
    private static boolean isSettled(AsOf asOf, Instant now) {
        return !(asOf instanceof AsOf.Time(Instant time)) || time.isBefore(now.minus(CLOCK_SET_BACK));
    }

    /** The moment of now. */
    LedgerMoment now() {
        return atEvent(Long.MAX_VALUE);
    }

    private LedgerMoment position(long position) {
        long head = jdbc.sql("select coalesce(max(position), 0) from ledger.event")
                .query(Long.class)
                .single();
        if (position > head) {
            throw Problem.badRequest(AsOf.PARAMETER, "is yet to come: the ledger's last position is " + head);
        }
        return atEvent(position);
    }

    private long positionAt(Instant time, Instant now) {
        if (time.isAfter(now)) {
            throw Problem.badRequest(AsOf.PARAMETER, "is yet to come");
        }
        return jdbc.sql(SEARCH)
                .param(time.atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .single();
    }

    /** Positions may have holes: a view stands at an event, so the moment is put there too. */
    private LedgerMoment atEvent(long position) {
        return jdbc.sql(
                        "select position, recorded_at from ledger.event where position <= ? order by position desc limit 1")
                .param(position)
                .query((row, _) -> new LedgerMoment(
                        row.getLong("position"),
                        row.getObject("recorded_at", OffsetDateTime.class)
                                .toInstant()
                                .plus(CLOCK_SET_BACK)))
                .optional()
                .orElse(new LedgerMoment(0, Instant.EPOCH));
    }
}

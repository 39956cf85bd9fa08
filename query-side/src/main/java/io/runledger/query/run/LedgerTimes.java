package io.runledger.query.run;

import io.runledger.api.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Finds the moment of the ledger that a time stands for: everything before the first event that was recorded later.
 * The ledger has no index by time, for each makes every append slower; but times rise with positions, nearly, since the
 * clock is read a moment before a position is drawn. So the search halves positions, then looks back for an earlier one.
 */
final class LedgerTimes {

    /** How many positions two events may be out of order by their times. */
    private static final int LOOK_BACK = 1_000;

    /** How far clocks of nodes may be apart without runs missing from a past list. */
    private static final Duration CLOCKS_APART = Duration.ofHours(1);

    /**
     * Everything up to low was recorded by then; the first event from high on, if there is one, was not. What is found is
     * the position of an event: a view stands at one, and positions may have holes.
     */
    private static final String SEARCH = """
            with recursive search(low, high) as (
                select 0::bigint, coalesce(max(position), 0) + 1 from ledger.event
                union all
                select case when next.recorded_at <= ? then next.position else low end,
                    case when next.recorded_at <= ? then high else (low + high) / 2 end
                from search left join lateral (
                    select position, recorded_at from ledger.event
                    where position >= (low + high) / 2 and position < high order by position limit 1
                ) as next on true
                where high - low > 1
            ), found as (select low from search order by high - low limit 1
            ), cut as (select coalesce((select min(position) - 1 from ledger.event
                where position > low - ? and position <= low and recorded_at > ?), low) as low from found)
            select coalesce((select max(position) from ledger.event where position <= low), 0) from cut""";

    private final JdbcClient jdbc;
    private final Clock clock;

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
        return switch (asOf) {
            // No event up to there was recorded later than the time that is asked for.
            case AsOf.Time(Instant time) -> new LedgerMoment(positionAt(time), time.plus(CLOCKS_APART));
            case AsOf.Position(long position) -> position(position);
            case AsOf.Sequence _ -> throw new IllegalArgumentException("a sequence number is a place in one run only");
        };
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

    private long positionAt(Instant time) {
        if (time.isAfter(clock.instant())) {
            throw Problem.badRequest(AsOf.PARAMETER, "is yet to come");
        }
        OffsetDateTime asked = time.atOffset(ZoneOffset.UTC);
        return jdbc.sql(SEARCH)
                .params(asked, asked, LOOK_BACK, asked)
                .query(Long.class)
                .single();
    }

    /** Positions may have holes: a view stands at an event, so the moment is put there too. */
    private LedgerMoment atEvent(long position) {
        return jdbc.sql("""
                        select coalesce(max(position), 0) as position, max(recorded_at) as latest from (
                            select position, recorded_at from ledger.event where position <= ?
                            order by position desc limit ?) as before""")
                .params(position, LOOK_BACK)
                .query((row, _) -> {
                    OffsetDateTime latest = row.getObject("latest", OffsetDateTime.class);
                    Instant bound = latest == null ? Instant.EPOCH : latest.toInstant();
                    return new LedgerMoment(row.getLong("position"), bound.plus(CLOCKS_APART));
                })
                .single();
    }
}

package io.runledger.command.store;

import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import java.sql.Array;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Follows the events for runs that have ended. Positions are in order (ADR 2), so none is missed. */
public final class EndedRuns {

    /** How many events are looked at in one step. */
    private static final int STEP = 5_000;

    private final JdbcClient jdbc;

    public EndedRuns(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * The runs that ended in the events after some position, up to {@code upTo}.
     *
     * @param more whether there may be more to read
     */
    public record Step(List<RunId> runs, long upTo, boolean more) {}

    /** The next step after this position. */
    public Step after(long position) {
        return jdbc.sql("""
                        select coalesce(max(position), ?) as up_to, coalesce(array_agg(distinct run_id) filter (where type = any(?)), '{}') as runs, count(*) as events
                        from (select position, run_id, type from ledger.event
                              where position > ? order by position limit ?) as next""")
                .params(position, RunEvent.ENDS.toArray(String[]::new), position, STEP)
                .query((row, _) -> {
                    Array runs = row.getArray("runs");
                    UUID[] ids = (UUID[]) runs.getArray();
                    return new Step(
                            Arrays.stream(ids).map(RunId::new).toList(),
                            row.getLong("up_to"),
                            row.getLong("events") == STEP);
                })
                .single();
    }

    /** The position of the last event; 0 before the first. */
    public long head() {
        return jdbc.sql("select coalesce(max(position), 0) from ledger.event")
                .query(Long.class)
                .single();
    }

    /** The position of the last event, if no run waits for others as of then. */
    public OptionalLong headIfNobodyWaits() {
        Optional<Long> head = jdbc.sql("""
                        select coalesce(max(position), 0) from ledger.event
                        having not exists (select from ledger.work where waits_for = 'runs')""").query(Long.class).optional();
        return head.isPresent() ? OptionalLong.of(head.get()) : OptionalLong.empty();
    }
}

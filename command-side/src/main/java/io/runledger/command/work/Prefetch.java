package io.runledger.command.work;

import io.runledger.api.RecentlyUsed;
import io.runledger.api.RunId;
import io.runledger.command.run.RunCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Reads runs that are about to be claimed, which this node does not remember when their queue is long or other nodes have
 * filled it: those that were picked and, while workers take them fast enough, also those that are next, more of them each
 * time, as file systems read ahead. A question for a hundred runs costs little more than one for a single run.
 */
final class Prefetch {

    private static final int FIRST_RUNS = 8;
    private static final int GROWTH = 4;
    private static final int MOST_RUNS = 128;

    /** Half of the time for which events that were read ahead are used. */
    private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final int MOST_SELECTIONS = 1_000;

    private final Reservations reservations;
    private final RunCommands commands;

    /** What was read last for those who want the same. */
    private final RecentlyUsed<Selection, Last> last = new RecentlyUsed<>(MOST_SELECTIONS, _ -> 1);

    private record Last(int ahead, long at) {

        /** How many runs to read beyond those that were picked, if what was read last was used up by now. */
        private int more(long now) {
            return now - at > SOON_NANOS ? 0 : Math.clamp((long) ahead * GROWTH, FIRST_RUNS, MOST_RUNS);
        }
    }

    Prefetch(Reservations reservations, RunCommands commands) {
        this.reservations = reservations;
        this.commands = commands;
    }

    /** Sees to it that each of these runs, which were just picked, can be started without being read by itself. */
    void read(Selection selection, List<RunId> picked) {
        if (picked.stream().allMatch(commands::remembers)) {
            return;
        }
        long now = System.nanoTime();
        Last before = last.get(selection);
        int more = before == null ? 0 : before.more(now);
        last.put(selection, new Last(more, now));
        List<RunId> runs = new ArrayList<>(picked);
        if (more > 0) {
            runs.addAll(reservations.next(selection, more));
        }
        commands.expect(runs);
    }
}

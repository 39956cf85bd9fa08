package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.story.HistoryCheck.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** PostgreSQL dies under the server, or with it: the server comes back by itself, with everything it acknowledged. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PostgresCrashIT {

    private static final long SEED = Long.getLong("runledger.seed", 20_260_102);
    private static final int CLIENTS = 16;
    private static final Duration BACK = Duration.ofSeconds(40);

    @Test
    void the_server_outlives_its_postgres() throws Exception {
        int deaths = Figures.isThorough() ? 12 : 2;
        int commands = Figures.isThorough() ? 10_000 : 1_000;
        List<Long> untilUp = new ArrayList<>();
        List<Long> untilWritten = new ArrayList<>();
        AtomicLong lastAcknowledged = new AtomicLong();
        try (LedgerProcess ledger = LedgerProcess.named("postgres-crash").start()) {
            LedgerClient client = new LedgerClient(ledger);
            Workload workload = new Workload(client, SEED, commands).onAcknowledged(lastAcknowledged::set);
            workload.run(CLIENTS, load -> {
                for (int death = 1; death <= deaths; death++) {
                    int at = commands * death / (deaths + 1);
                    ledger.until(() -> load.acknowledged() >= at, Duration.ofMinutes(3), "under load, seed " + SEED);
                    // KILL as the kernel does when memory is short, QUIT as pg_ctl stop -m immediate does.
                    ProcessHandle dead = ledger.signalPostgres(death % 2 == 1 ? "KILL" : "QUIT");
                    dead.onExit().get(10, TimeUnit.SECONDS);
                    long died = System.nanoTime();
                    ledger.until(() -> isUp(ledger, dead.pid()), BACK, "with a PostgreSQL again");
                    long up = System.nanoTime();
                    ledger.until(() -> lastAcknowledged.get() - up > 0, BACK, "writing again");
                    untilUp.add(TimeUnit.NANOSECONDS.toMillis(up - died));
                    untilWritten.add(TimeUnit.NANOSECONDS.toMillis(lastAcknowledged.get() - up));
                    ledger.until(ledger::isReady, BACK, "ready again");
                }
            });
            Result result = HistoryCheck.check(workload.history(), Ledger.audit(client));
            assertThat(workload.unknown()).as("the deaths were felt").isPositive();
            assertThat(untilWritten).allMatch(millis -> millis < 10_000);
            Figures.print(
                    "B1: PostgreSQL killed %d times (KILL and QUIT in turn), %d commands acknowledged, 0 lost, 0 doubled;"
                            + " %d answers did not come; up again after %s ms, writing %s ms later (seed %d)",
                    deaths, result.acknowledged(), workload.unknown(), untilUp, untilWritten, SEED);
        }
    }

    @Test
    void the_first_start_works_after_both_were_killed() throws Exception {
        List<Long> restarts = new ArrayList<>();
        List<Boolean> orders = Figures.isThorough() ? List.of(true, false) : List.of(true);
        try (LedgerProcess ledger = LedgerProcess.named("both-crash").start()) {
            LedgerClient client = new LedgerClient(ledger);
            Workload workload = new Workload(client, SEED, 400 * (1 + orders.size()));
            workload.run(CLIENTS, load -> {
                for (boolean serverFirst : orders) {
                    int at = serverFirst ? 400 : 800;
                    ledger.until(() -> load.acknowledged() >= at, Duration.ofMinutes(3), "under load, seed " + SEED);
                    if (serverFirst) {
                        ProcessHandle postmaster = ledger.postmaster().orElseThrow();
                        ledger.kill9();
                        postmaster.destroyForcibly();
                    } else {
                        ledger.signalPostgres("KILL");
                        ledger.kill9();
                    }
                    restarts.add(ledger.start().lastStart().toMillis());
                }
            });
            Result result = HistoryCheck.check(workload.history(), Ledger.audit(client));
            Figures.print(
                    "B1: server and PostgreSQL killed together, %d times, %d commands acknowledged, 0 lost, 0 doubled;"
                            + " ready at the first start after %s ms",
                    restarts.size(), result.acknowledged(), restarts);
        }
    }

    /** As PostgreSQL itself says in its pid file. */
    private static boolean isUp(LedgerProcess ledger, long deadPid) {
        try {
            List<String> lines = java.nio.file.Files.readAllLines(ledger.data().resolve("postgres/postmaster.pid"));
            return lines.size() >= 8
                    && !lines.getFirst().strip().equals(Long.toString(deadPid))
                    && lines.get(7).strip().equals("ready");
        } catch (IOException e) {
            return false;
        }
    }
}

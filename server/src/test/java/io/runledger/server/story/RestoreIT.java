package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.runledger.server.postgres.ArchivedPostgres;
import io.runledger.server.postgres.PostgresKit;
import io.runledger.server.proof.LongRecord;
import io.runledger.server.story.HistoryCheck.Result;
import io.runledger.server.story.LedgerClient.Answer;
import io.runledger.server.story.Workload.Sent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/**
 * The database is lost under load and restored from a base backup and the archive of its log, to the end and to a moment
 * before (S); and it is moved to a newer PostgreSQL by a dump. What docs/backup.md promises was found here.
 */
@EnabledIfSystemProperty(
        named = "runledger.thorough",
        matches = "true",
        disabledReason = "takes minutes and gigabytes; BackupIT is the small version")
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class RestoreIT {

    private static final long SEED = Long.getLong("runledger.seed", 20_261_123);
    private static final int RUNS = Integer.getInteger("runledger.restored-runs", 100_000);
    private static final int FEW_RUNS = 5_000;
    private static final int CLIENTS = 8;
    private static final int COMMANDS = 8_000;
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final String LIVED = "&target=task:story";

    @TempDir
    private Path folder;

    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final AtomicReference<LedgerProcess> serving = new AtomicReference<>();
    private final LedgerClient client = new LedgerClient(() -> serving.get().uri(), LedgerProcess.KEY);

    /** Somewhere in the middle of the story; {@code before} and {@code after} it in nanoseconds of this process. */
    private record Moment(String time, long before, long after) {}

    /** What there was of the ledger when its database was lost. */
    private record Kept(Path backup, Path log, Moment moment, JsonNode late) {}

    @AfterEach
    void end() throws Exception {
        while (!running.isEmpty()) {
            running.pop().close();
        }
    }

    @Test
    void nothing_that_was_acknowledged_is_lost_with_the_database() throws Exception {
        loseAndRestore(PostgresKit.broughtAlong(), RUNS, false);
    }

    @Test
    void nothing_is_lost_with_the_disk_when_the_log_is_received_elsewhere() throws Exception {
        loseAndRestore(installed(), FEW_RUNS, true);
    }

    private static PostgresKit installed() {
        Optional<PostgresKit> installed = PostgresKit.onThisMachine();
        assumeTrue(
                installed.isPresent(),
                "left out: no PostgreSQL 15 or newer with initdb, pg_basebackup, pg_receivewal, pg_dump and pg_restore is on the PATH");
        return installed.orElseThrow();
    }

    private void loseAndRestore(PostgresKit kit, int runs, boolean burns) throws Exception {
        ArchivedPostgres original = closing(ArchivedPostgres.create(kit, folder.resolve("original")));
        LedgerProcess first = serve(original, closing(LedgerProcess.named("lost")));
        // Nobody follows what is written faster than any client could.
        first.stop();
        LongRecord.write(JdbcClient.create(original.owner()), "default", runs);
        first.start();
        first.until(() -> view().get("lag_events").asLong() == 0, LONG, "through with the long record");

        long filled = position(original);
        JsonNode early = checkpoint(filled);

        AtomicReference<Kept> kept = new AtomicReference<>();
        Workload workload = new Workload(client, SEED, COMMANDS).patience(LONG);
        workload.run(CLIENTS, load -> {
            kept.set(backUpAndLose(kit, original, first, load, burns));
            restore(kit, kept.get(), "end");
        });
        assertThat(workload.unknown()).as("the loss was felt").isPositive();
        List<JsonNode> feed = isWhole(filled);
        Result result = HistoryCheck.check(workload.history(), feed);
        assertThat(isContained(early)).isTrue();
        assertThat(isContained(kept.get().late())).isTrue();
        Figures.print(
                "S: to the end of the log: %d commands acknowledged, 0 lost, 0 doubled; %d answers did not come (seed %d)",
                result.acknowledged(), workload.unknown(), SEED);

        serving.get().stop();
        Moment moment = kept.get().moment();
        restore(kit, kept.get(), "moment", "recovery_target_time = '" + moment.time() + "'");
        endsAt(moment, workload.history(), isWhole(filled));
        assertThat(isContained(early)).isTrue();
        assertThat(isContained(kept.get().late())).isFalse();
    }

    /** Takes a base backup under load; then the database is gone, but for its log: its disk is left, or nothing is. */
    private Kept backUpAndLose(
            PostgresKit kit, ArchivedPostgres original, LedgerProcess first, Workload load, boolean burns)
            throws Exception {
        Path elsewhere = folder.resolve("elsewhere");
        if (burns) {
            original.receiveLog(elsewhere);
        }
        until(load, first, 1);
        Path backup = folder.resolve("backup");
        long begun = System.nanoTime();
        String program = original.backUp(backup);
        Figures.print(
                "S: PostgreSQL %d, %d events, %d MiB: base backup under load in %.1f s by %s",
                kit.version(), position(original), original.size() >> 20, seconds(begun), program);
        until(load, first, 2);
        Moment moment = moment(original);
        until(load, first, 3);
        JsonNode late = checkpoint(position(original));
        Path log = elsewhere;
        if (burns) {
            original.burn();
        } else {
            log = original.crash();
        }
        first.kill9();
        return new Kept(backup, log, moment, late);
    }

    /** Lets clients go on with what was restored. */
    private void restore(PostgresKit kit, Kept kept, String name, String... until) throws IOException {
        long begun = System.nanoTime();
        ArchivedPostgres restored =
                closing(ArchivedPostgres.restore(kit, kept.backup(), kept.log(), folder.resolve(name), until));
        double there = seconds(begun);
        serve(restored, closing(serving.get().twin("restored-to-the-" + name)));
        Figures.print(
                "S: restored to the %s, %d events: files and log %.1f s, with the ledger %.1f s",
                name, position(restored), there, seconds(begun));
    }

    @Test
    void a_dump_taken_under_load_is_a_whole_ledger_in_a_newer_PostgreSQL() throws Exception {
        PostgresKit kit = installed();
        ArchivedPostgres original = closing(ArchivedPostgres.create(kit, folder.resolve("original")));
        LedgerProcess first = serve(original, closing(LedgerProcess.named("dumped")));
        LongRecord.write(JdbcClient.create(original.owner()), "default", FEW_RUNS);
        long filled = position(original);
        Path dump = folder.resolve("ledger.dump");
        AtomicReference<Moment> begun = new AtomicReference<>();
        Workload workload = new Workload(client, SEED, COMMANDS);
        workload.run(CLIENTS, load -> {
            until(load, first, 1);
            begun.set(moment(original));
            original.dump(dump);
        });
        first.stop();

        PostgresKit newer = PostgresKit.broughtAlong();
        ArchivedPostgres restored = closing(ArchivedPostgres.create(newer, folder.resolve("restored")));
        restored.administer(
                "create role runledger_app nologin",
                "create role runledger_reader nologin",
                "grant runledger_app, runledger_reader to " + ArchivedPostgres.USER);
        long started = System.nanoTime();
        restored.restoreDump(kit, dump);
        double seconds = seconds(started);
        serve(restored, closing(first.twin("restored-from-a-dump")));
        List<JsonNode> feed = isWhole(filled);
        assertThat(lost(begun.get(), workload.history(), feed)).isEmpty();
        assertThat(JdbcClient.create(restored.owner())
                        .sql("""
                                select attcompression = '' and attstorage = 'x' from pg_attribute
                                where attrelid = 'ledger.event'::regclass and attname = 'payload'""")
                        .query(Boolean.class)
                        .single())
                .as("payloads are compressed in the slow way")
                .isFalse();
        Figures.print(
                "S: dumped by %s, restored by it into PostgreSQL %d: %d events in %.1f s",
                kit.version(), newer.version(), position(restored), seconds);
    }

    private <T extends AutoCloseable> T closing(T resource) {
        running.push(resource);
        return resource;
    }

    private LedgerProcess serve(ArchivedPostgres postgres, LedgerProcess ledger) {
        ledger.heap("1g")
                .with("RUNLEDGER_DATABASE_URL", postgres.jdbcUrl())
                .with("RUNLEDGER_DATABASE_USER", ArchivedPostgres.USER)
                .with("RUNLEDGER_DATABASE_PASSWORD", "unused")
                .start();
        serving.set(ledger);
        return ledger;
    }

    private static void until(Workload load, LedgerProcess ledger, int quarter) {
        ledger.until(() -> load.acknowledged() >= COMMANDS / 4 * quarter, LONG, "under load, seed " + SEED);
    }

    private static double seconds(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }

    private static long position(ArchivedPostgres postgres) {
        return JdbcClient.create(postgres.owner())
                .sql("select max(position) from ledger.event")
                .query(Long.class)
                .single();
    }

    private static Moment moment(ArchivedPostgres postgres) {
        long before = System.nanoTime();
        String time = JdbcClient.create(postgres.owner())
                .sql("select clock_timestamp()::text")
                .query(String.class)
                .single();
        return new Moment(time, before, System.nanoTime());
    }

    private JsonNode view() {
        return client.read("/v1/projections").at("/data/0");
    }

    /** A checkpoint at this position or later. */
    private JsonNode checkpoint(long position) throws IOException {
        JsonNode checkpoint;
        do {
            Answer answer = client.post("/v1/checkpoints", LedgerClient.object());
            assertThat(answer.isSuccess()).as("%s", answer.body()).isTrue();
            checkpoint = answer.body();
        } while (checkpoint.get("position").asLong() < position);
        return checkpoint;
    }

    /** Whether the record holds all that the checkpoint was made of; fails unless nothing else is wrong. */
    private boolean isContained(JsonNode checkpoint) throws IOException {
        long begun = System.nanoTime();
        JsonNode page;
        String after = "";
        do {
            Answer answer = client.post("/v1/verify" + after, checkpoint);
            page = answer.body();
            assertThat(answer.status()).as("%s", page).isEqualTo(200);
            after = "?after=" + page.path("next").asString();
        } while (!page.get("done").asBoolean());
        assertThat(page.at("/checkpoint/signature").asString()).isEqualTo("valid");
        boolean contained = page.at("/checkpoint/contained").asBoolean();
        assertThat(page.get("fault_count").asLong()).as("%s", page).isEqualTo(contained ? 0 : 1);
        Figures.print(
                "S: %d events of %d runs verified in %.1f s: checkpoint contained %s %s",
                page.get("events").asLong(), page.get("runs").asLong(), seconds(begun), contained, page.get("faults"));
        return contained;
    }

    /** Fails unless all views are the fold of the events; gives back what came after the long record. */
    private List<JsonNode> isWhole(long filled) throws IOException {
        List<JsonNode> feed = client.feed(filled);
        Ledger.assertViewsShow(FoldedRun.each(feed), client, LIVED, LedgerClient.head(feed));
        long begun = System.nanoTime();
        assertThat(client.post("/v1/projections/run/rebuild", LedgerClient.object())
                        .status())
                .isEqualTo(202);
        serving.get().until(() -> !view().has("rebuild"), LONG, "through with building the view again");
        JsonNode last = view().get("last_rebuild");
        assertThat(last.get("status").asString()).as("%s", last).isEqualTo("done");
        assertThat(last.get("differing").asLong()).as("%s", last).isZero();
        assertThat(view().get("dead_letters").asLong()).isZero();
        Figures.print(
                "S: the view of %d runs built again in %.1f s: none differs",
                last.get("compared").asLong(), seconds(begun));
        return feed;
    }

    /** What was acknowledged before the moment is there, and nothing that was sent after it. */
    private static void endsAt(Moment moment, Collection<Sent> history, List<JsonNode> feed) {
        assertThat(lost(moment, history, feed)).isEmpty();
        Set<String> written = commands(feed);
        List<Sent> later =
                history.stream().filter(sent -> sent.begun() > moment.after()).toList();
        assertThat(later).isNotEmpty().noneMatch(sent -> written.contains(command(sent)));
        Figures.print(
                "S: to a moment: all of the commands acknowledged before it are there, none of %d sent after it",
                later.size());
    }

    private static List<Sent> lost(Moment moment, Collection<Sent> history, List<JsonNode> feed) {
        Set<String> written = commands(feed);
        List<Sent> before = history.stream()
                .filter(sent -> sent.isAcknowledged() && sent.ended() < moment.before())
                .toList();
        assertThat(before).isNotEmpty();
        return before.stream().filter(sent -> !written.contains(command(sent))).toList();
    }

    private static String command(Sent sent) {
        return sent.run() + " " + sent.commandId();
    }

    private static Set<String> commands(List<JsonNode> feed) {
        return feed.stream()
                .map(event -> event.get("run_id").asString() + " "
                        + event.path("command_id").asString(""))
                .collect(Collectors.toSet());
    }
}

package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What somebody sees who starts the packaged ledger: the first key, the second start, a second one by mistake, the end. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class StartIT {

    private static final Pattern CURL = Pattern.compile("curl -H 'x-api-key: (\\S+)' (http://localhost:\\d+/v1/runs)");
    private static final int ROUNDS = 5;
    private static final String GIVEN_KEY = "a-key-that-the-operator-gave";

    @Test
    void first_start_second_start_and_a_second_ledger_by_mistake() throws Exception {
        try (LedgerProcess ledger = LedgerProcess.named("start").packaged().without("RUNLEDGER_API_KEY")) {
            ledger.start();
            Figures.print(
                    "start of the packaged server: ready after %d ms",
                    ledger.lastStart().toMillis());
            String key = printedKey(ledger);
            Path file = ledger.data().resolve("api-key");
            assertThat(Files.readString(file).strip()).isEqualTo(key);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(status(ledger, key)).isEqualTo(200);
            assertThat(status(ledger, "wrong-key-0123456789")).isEqualTo(401);

            refusesASecondLedger(ledger, key);
            Farewell farewell = new Farewell(ledger, key);
            endsSoonWithItsPostgres(ledger, farewell);

            ledger.unpacked().start();
            farewell.assertNothingIsLostOrDoubled();
            assertThat(ledger.printed()).doesNotContain(key).doesNotContain("x-api-key");
            assertThat(status(ledger, key)).isEqualTo(200);
            ledger.stop();

            ledger.with("RUNLEDGER_API_KEY", GIVEN_KEY).start();
            assertThat(ledger.printed()).doesNotContain(GIVEN_KEY);
            assertThat(status(ledger, GIVEN_KEY)).isEqualTo(200);
            assertThat(status(ledger, key)).as("the key that was replaced").isEqualTo(401);
        }
    }

    @Test
    void an_unpacked_ledger_with_an_archive_of_its_classes_answers_sooner() throws Exception {
        assumeThat(Figures.isThorough())
                .as("every story starts such a ledger; how soon it answers is told by -Pthorough")
                .isTrue();
        // Made when it is asked for first, which is no part of a start.
        List<String> withArchive = Objects.requireNonNull(UnpackedServer.program());
        List<Long> packaged = new ArrayList<>();
        List<Long> unpacked = new ArrayList<>();
        try (LedgerProcess one = LedgerProcess.named("start-packaged").packaged();
                LedgerProcess other = LedgerProcess.named("start-unpacked").program(withArchive)) {
            for (int round = 0; round < ROUNDS; round++) {
                packaged.add(firstAnswer(one));
                unpacked.add(firstAnswer(other));
            }
        }
        Figures.print(
                "from the start to the first answer, in a new data directory and again: packaged %s ms, unpacked with an"
                        + " archive of its classes %s ms",
                packaged, unpacked);
    }

    private static long firstAnswer(LedgerProcess ledger) throws Exception {
        long begun = System.nanoTime();
        ledger.start();
        assertThat(status(ledger, LedgerProcess.KEY)).isEqualTo(200);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        assertThat(ledger.stop()).as("ended by SIGTERM").isIn(0, 143);
        return millis;
    }

    private static String printedKey(LedgerProcess ledger) {
        ledger.until(() -> CURL.matcher(ledger.printed()).find(), Duration.ofSeconds(5), "telling its key");
        Matcher curl = CURL.matcher(ledger.printed());
        assertThat(curl.find()).isTrue();
        assertThat(curl.group(2)).endsWith(":" + ledger.uri().getPort() + "/v1/runs");
        String key = curl.group(1);
        assertThat(ledger.printed().split(Pattern.quote(key), -1))
                .as("shown once")
                .hasSize(2);
        return key;
    }

    private static void refusesASecondLedger(LedgerProcess ledger, String key) throws Exception {
        LedgerProcess second = ledger.twin("start-second").launch();
        assertThat(second.awaitExit(Duration.ofSeconds(60))).isNotZero();
        assertThat(second.printed())
                .contains(ledger.data().toRealPath().toString())
                .contains("Stop that one first");
        // A message, not a tour through the framework.
        assertThat(second.printed()).doesNotContain("\tat ");
        assertThat(status(ledger, key)).isEqualTo(200);
    }

    private static void endsSoonWithItsPostgres(LedgerProcess ledger, Farewell farewell) throws Exception {
        ProcessHandle postmaster = ledger.postmaster().orElseThrow();
        farewell.begin();
        long begun = System.nanoTime();
        int exitCode = ledger.stop();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        assertThat(postmaster.isAlive()).isFalse();
        assertThat(exitCode).as("ended by SIGTERM").isIn(0, 143);
        assertThat(millis).isLessThan(10_000);
        Figures.print(
                "R: SIGTERM beside %s: server and PostgreSQL gone after %d ms, exit code %d",
                farewell.end(), millis, exitCode);
    }

    private static int status(LedgerProcess ledger, String key) throws Exception {
        return new LedgerClient(ledger::uri, key).get("/v1/runs").status();
    }
}

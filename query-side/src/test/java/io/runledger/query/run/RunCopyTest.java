package io.runledger.query.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.api.Artifact;
import io.runledger.api.Json;
import io.runledger.api.RunMode;
import io.runledger.api.RunStatus;
import io.runledger.api.RunView;
import io.runledger.query.Recorded;
import io.runledger.query.TestDatabase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;

/** Rows that are copied are those that a statement would have written, to the last bit. */
class RunCopyTest {

    private static final String AWKWARD = "a\tb\nc\rd\\N\\\"'\u0001 {} é 漢 \uD83D\uDE80";

    private static final int COPIED = 2;
    private static final int SAVED = 3;
    private static final String COPIES = "view.run_" + COPIED;

    private final RunCopy copy = new RunCopy(TestDatabase.dataSource(), COPIED);

    /** Without indexes for lists, as a generation is when rows are copied: they would not take the longest texts. */
    @BeforeEach
    void tables() {
        TestDatabase.clear();
        for (int generation : List.of(COPIED, SAVED)) {
            TestDatabase.jdbc()
                    .sql("create table view.run_%d (like view.run_1 including generated, primary key (id))"
                            .formatted(generation))
                    .update();
        }
    }

    @AfterEach
    void clear() {
        TestDatabase.clear();
    }

    @Test
    void a_row_with_a_value_in_each_column() {
        assertCopiedAsSaved(List.of(full(1)));
        assertThat(columnsWithout()).isEmpty();
    }

    @Test
    void a_row_with_nothing_that_may_be_absent() {
        assertCopiedAsSaved(List.of(new RunRow(Recorded.id(1))));
        assertThat(columnsWithout())
                .contains("key", "run_at", "parent_id", "output")
                .doesNotContain("created_at");
    }

    @Test
    void texts_of_every_kind_and_length() {
        List<RunRow> rows = new ArrayList<>();
        for (String text : List.of("", " ", "\\.", AWKWARD, AWKWARD.repeat(10_000))) {
            RunRow row = new RunRow(Recorded.id(rows.size()));
            row.project = text;
            row.errorMessage = text;
            row.labels = Map.of(text, text);
            row.metadata = new Json("\"" + "x".repeat(text.length()) + "\"");
            rows.add(row);
        }
        assertCopiedAsSaved(rows);
    }

    @Test
    void numbers_and_times_at_their_ends() {
        List<RunRow> rows = new ArrayList<>();
        for (String time : List.of(
                "0001-01-01T00:00:00Z",
                "1969-12-31T23:59:59.999999999Z",
                "1999-12-31T23:59:59.000001Z",
                "2000-01-01T00:00:00Z",
                "2026-03-01T12:00:00.123456789Z",
                "9999-12-31T23:59:59.999999Z")) {
            RunRow row = new RunRow(Recorded.id(rows.size()));
            row.createdAt = Instant.parse(time);
            row.runAt = Instant.parse(time);
            rows.add(row);
        }
        for (long number : List.of(Long.MIN_VALUE, -1L, 0L, Long.MAX_VALUE)) {
            RunRow row = new RunRow(Recorded.id(rows.size()));
            row.durationMs = number;
            row.exitCode = Long.signum(number) * Integer.MAX_VALUE;
            row.progressPercent = number / 3.0;
            row.errorRetryable = number < 0;
            rows.add(row);
        }
        assertCopiedAsSaved(rows);
    }

    @Test
    void more_rows_than_are_sent_at_once() {
        List<RunRow> rows = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            rows.add(full(i));
        }
        assertCopiedAsSaved(rows);
    }

    @Test
    void rows_of_which_one_is_refused_are_not_there() {
        RunRow refused = full(2);
        refused.name = "\0";
        assertThatThrownBy(() -> copy.add(List.of(full(1), refused, full(3)))).isInstanceOf(DataAccessException.class);
        assertThat(count(COPIES)).isZero();
        assertCopiedAsSaved(List.of(full(1)));
    }

    private void assertCopiedAsSaved(List<RunRow> rows) {
        copy.add(rows);
        new RunTable(TestDatabase.jdbc(), SAVED).save(rows);
        assertThat(count(COPIES)).isEqualTo(rows.size());
        assertThat(count(COPIES + " a join view.run_" + SAVED
                        + " b on a.id = b.id and row(a.*) is not distinct from row(b.*)"))
                .isEqualTo(rows.size());
    }

    private static int count(String of) {
        return TestDatabase.jdbc()
                .sql("select count(*) from " + of)
                .query(Integer.class)
                .single();
    }

    private static List<String> columnsWithout() {
        return TestDatabase.jdbc()
                .sql("select field.key from " + COPIES
                        + " run, jsonb_each(to_jsonb(run)) field where field.value = 'null'")
                .query(String.class)
                .list();
    }

    private static RunRow full(long number) {
        RunRow row = new RunRow(Recorded.id(number));
        row.project = "default";
        row.key = "key " + number;
        row.name = "name";
        row.kind = "task";
        row.target = "task:build";
        row.mode = RunMode.LIVE;
        row.stage = "stage";
        row.status = RunStatus.FAILED;
        row.statusReason = "reason";
        row.labels = Map.of("b", "1", "a", AWKWARD);
        row.metadata = new Json("{\"m\":1.10}");
        row.input = new Json("[1,2]");
        row.config = Json.NULL;
        row.output = new Json("\"o\"");
        row.checkpoint = new Json("3");
        row.errorDetails = new Json("{}");
        row.artifacts = Map.of("a", new Artifact("a", "text/plain", "https://example.org/a", 7L, "00"));
        row.tasks = Map.of("t", new RunView.Task(Recorded.id(number + 1), "t", RunStatus.RUNNING, null));
        row.itemsTotal = 5L;
        row.itemsRunning = 4L;
        row.itemsSucceeded = 3L;
        row.itemsFailed = 2L;
        row.itemsInvalid = 1L;
        row.errorCode = "code";
        row.errorMessage = "message";
        row.errorRetryable = true;
        row.exitCode = -1;
        row.progressPercent = 33.3;
        row.progressMessage = "a third";
        row.attempt = 2;
        row.maxAttempts = 3;
        row.terms = RunTerms.NONE;
        row.priority = -9;
        row.queue = "queue";
        row.worker = "worker";
        row.leaseExpiresAt = Recorded.START.plusNanos(1_999);
        row.blockedOn = "blocked";
        row.parentId = Recorded.id(number + 2);
        row.rootId = Recorded.id(number + 3);
        row.rerunOf = Recorded.id(number + 4);
        row.scheduleId = "schedule";
        row.createdBy = "creator";
        row.createdAt = Recorded.START;
        row.runAt = Recorded.START.plusSeconds(1);
        row.queuedAt = Recorded.START.plusSeconds(2);
        row.startedAt = Recorded.START.plusSeconds(3);
        row.finishedAt = Recorded.START.plusSeconds(4);
        row.updatedAt = Recorded.START.plusSeconds(5);
        row.durationMs = 1_000L;
        row.version = 6;
        row.position = 1L << 40;
        row.firstPosition = 1;
        return row;
    }
}

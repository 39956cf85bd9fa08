package io.runledger.query.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.api.EventHash;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.RecentRecord;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import io.runledger.api.Ulid;
import io.runledger.query.Recorded;
import io.runledger.query.TestDatabase;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class EventQueriesTest {

    private static final RunId RUN = Recorded.id(1);

    private final JdbcClient jdbc = TestDatabase.jdbc();
    private final EventReader reader =
            new EventReader(TestDatabase.reader(), new EventHead(jdbc, RecentRecord.NOTHING));
    private final EventQueries queries = new EventQueries(reader);
    private final ChainVerifier verifier = new ChainVerifier(reader, TestDatabase.reader());
    private final Map<RunId, byte[]> heads = new HashMap<>();
    private final Map<RunId, Long> sequences = new HashMap<>();

    @BeforeEach
    void clear() {
        TestDatabase.clear();
    }

    @Test
    void an_event_is_shown_with_its_payload_as_it_was_stored() {
        String payload = "{\"z\":1.50,\"a\":12345678901234567890,\"t\":\"\\u0000\\ud800\"}";
        append(RUN, "default", "run.noted", payload);
        LedgerEvent event =
                queries.ofRun("default", RUN, -1, EventFilter.ALL, 10).data().getFirst();
        assertThat(event.payload()).isEqualTo(new Json(payload));
        assertThat(event.sequence()).isZero();
        assertThat(event.position()).isEqualTo(1);
        assertThat(event.recordedAt()).isEqualTo(Recorded.START);
        assertThat(event.hash()).isEqualTo(HexFormat.of().formatHex(heads.get(RUN)));
    }

    @Test
    void pages_of_a_run_follow_each_other() {
        for (int i = 0; i < 25; i++) {
            append(RUN, "default", i % 2 == 0 ? "run.noted" : "run.progressed", "{}");
        }
        List<Long> seen = new ArrayList<>();
        EventPage page = queries.ofRun("default", RUN, -1, EventFilter.ALL, 10);
        while (page.hasMore()) {
            page.data().forEach(event -> seen.add(event.sequence()));
            page = queries.ofRun("default", RUN, page.next(), EventFilter.ALL, 10);
        }
        page.data().forEach(event -> seen.add(event.sequence()));
        assertThat(seen).hasSize(25).isSorted().doesNotHaveDuplicates();
        assertThat(page.next()).isNull();
        assertThat(queries.ofRun("default", RUN, -1, types("run.progressed"), 100)
                        .data())
                .hasSize(12)
                .allMatch(event -> event.type().equals("run.progressed"));
        assertThat(queries.ofRun("default", RUN, -1, types("run.progressed", "run.noted"), 100)
                        .data())
                .hasSize(25);
    }

    @Test
    void a_page_of_large_events_ends_early() {
        String large = "\"" + "x".repeat(1 << 20) + "\"";
        for (int i = 0; i < 12; i++) {
            append(RUN, "default", "run.noted", large);
        }
        EventPage page = queries.ofRun("default", RUN, -1, EventFilter.ALL, 100);
        assertThat(page.data()).hasSize(8);
        assertThat(page.hasMore()).isTrue();
        assertThat(queries.ofRun("default", RUN, page.next(), EventFilter.ALL, 100)
                        .data())
                .hasSize(4);
        EventPage feed = queries.ofProject("default", 0, EventFilter.ALL, 100);
        assertThat(feed.data()).hasSize(8);
        assertThat(feed.hasMore()).isTrue();
        assertThat(verifier.verify("default", RUN).valid()).isTrue();
    }

    @Test
    void a_run_of_another_project_is_not_there() {
        append(RUN, "other", "run.created", "{}");
        assertThatThrownBy(() -> queries.ofRun("default", RUN, -1, EventFilter.ALL, 10))
                .isInstanceOf(Problem.class);
        assertThatThrownBy(() -> verifier.verify("default", RUN)).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> verifier.verify("default", Recorded.id(9))).isInstanceOf(Problem.class);
        assertThat(queries.ofProject("default", 0, EventFilter.ALL, 10).data()).isEmpty();
    }

    @Test
    void the_feed_shows_every_event_of_the_project_once_across_others_and_holes() {
        for (int i = 0; i < 30; i++) {
            append(Recorded.id(i % 3), i % 3 == 0 ? "default" : "other", "run.noted", "{}");
        }
        // A rolled-back append leaves a hole; this one is wider than all windows of one request.
        jdbc.sql("alter table ledger.event alter column position restart with 150000")
                .update();
        append(Recorded.id(0), "default", "run.noted", "{}");
        List<Long> seen = new ArrayList<>();
        EventPage page = queries.ofProject("default", 0, EventFilter.ALL, 4);
        int requests = 1;
        while (page.hasMore()) {
            page.data().forEach(event -> seen.add(event.position()));
            page = queries.ofProject("default", page.next(), EventFilter.ALL, 4);
            requests++;
        }
        page.data().forEach(event -> seen.add(event.position()));
        assertThat(seen).hasSize(11).isSorted().doesNotHaveDuplicates().endsWith(150_000L);
        assertThat(page.next()).isEqualTo(150_000);
        assertThat(requests).isLessThan(8);
        assertThat(queries.ofProject("default", 150_000, EventFilter.ALL, 4))
                .isEqualTo(new EventPage(List.of(), false, 150_000L));
        assertThat(queries.ofProject("default", 0, types("run.created"), 4).data())
                .isEmpty();
    }

    @Test
    void an_untouched_chain_is_valid() {
        for (int i = 0; i < 2_500; i++) {
            append(RUN, "default", "run.noted", "{\"n\":" + i + "}");
        }
        assertThat(verifier.verify("default", RUN))
                .isEqualTo(new Verification(true, 2_500, HexFormat.of().formatHex(heads.get(RUN)), null));
    }

    @Test
    void a_changed_event_breaks_the_chain() {
        for (String change : List.of(
                "payload = '{\"n\":9}'",
                "actor = 'nobody'",
                "occurred_at = occurred_at + interval '1 microsecond'",
                "type = 'run.other'",
                "command_id = 'c'",
                "hash = decode(repeat('00', 32), 'hex')")) {
            clear();
            heads.clear();
            sequences.clear();
            for (int i = 0; i < 5; i++) {
                append(RUN, "default", "run.noted", "{\"n\":1}");
            }
            tamper("update ledger.event set " + change + " where sequence = 3");
            Verification verification = verifier.verify("default", RUN);
            assertThat(verification.valid()).as(change).isFalse();
            assertThat(verification.brokenAt()).as(change).isEqualTo(3);
            assertThat(verification.events()).isEqualTo(5);
        }
    }

    @Test
    void a_missing_event_breaks_the_chain() {
        for (int i = 0; i < 5; i++) {
            append(RUN, "default", "run.noted", "{}");
        }
        tamper("delete from ledger.event where sequence = 2");
        assertThat(verifier.verify("default", RUN).brokenAt()).isEqualTo(2);
        tamper("delete from ledger.event where sequence = 0");
        assertThat(verifier.verify("default", RUN).brokenAt()).isEqualTo(0);
    }

    @Test
    void a_lost_end_is_noticed_where_the_view_remembers_it() {
        for (int i = 0; i < 5; i++) {
            append(RUN, "default", "run.noted", "{}");
        }
        jdbc.sql("""
                        insert into view.run (id, project, kind, target, mode, status, labels, attempt, max_attempts,
                            priority, queue, created_by, created_at, updated_at, version, position,
                            first_position)
                        values (?, 'default', 'task', 'task:x', 'async', 'queued', '{}', 0, 1, 0, 'q', 'me', now(),
                            now(), 4, 5, 1)""").param(RUN.value()).update();
        assertThat(verifier.verify("default", RUN).valid()).isTrue();
        tamper("delete from ledger.event where sequence = 4");
        assertThat(verifier.verify("default", RUN).brokenAt()).isEqualTo(4);
    }

    private static EventFilter types(String... types) {
        return EventFilter.ofTypes(List.of(types));
    }

    private void tamper(String sql) {
        jdbc.sql("alter table ledger.event disable trigger event_is_immutable; " + sql
                        + "; alter table ledger.event enable trigger event_is_immutable")
                .update();
    }

    private void append(RunId run, String project, String type, String payload) {
        UUID id = UUID.randomUUID();
        long sequence = sequences.merge(run, 1L, Long::sum) - 1;
        Instant at = Recorded.START.plusSeconds(sequence);
        StoredEvent event = new StoredEvent(
                Ulid.print(id),
                project,
                run,
                sequence,
                type,
                1,
                at,
                at,
                "tester",
                "request",
                null,
                null,
                new Json(payload));
        byte[] hash = EventHash.next(heads.getOrDefault(run, EventHash.genesis()), event);
        heads.put(run, hash);
        jdbc.sql("""
                        insert into ledger.event (id, project, run_id, sequence, type, version, payload, payload_bytes,
                            actor, correlation_id, occurred_at, recorded_at, hash)
                        values (?, ?, ?, ?, ?, 1, cast(? as json), ?, 'tester', 'request', ?, ?, ?)""")
                .params(
                        id,
                        project,
                        run.value(),
                        sequence,
                        type,
                        payload,
                        payload.length(),
                        at.atOffset(ZoneOffset.UTC),
                        at.atOffset(ZoneOffset.UTC),
                        hash)
                .update();
    }
}

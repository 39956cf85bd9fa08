package io.runledger.query.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.Artifact;
import io.runledger.api.Json;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.RunStatus;
import io.runledger.api.RunView;
import io.runledger.api.Target;
import io.runledger.query.Recorded;
import io.runledger.query.TestDatabase;
import io.runledger.query.http.Cursors;
import io.runledger.query.http.QueryParameters;
import io.runledger.query.projection.RecordedEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists, single runs and numbers as of random moments are what they were at those moments. */
class RunPastTest {

    private static final int INSTANTS = Boolean.getBoolean("runledger.thorough") ? 1_000 : 15;
    private static final int RUNS = 60;

    private final Random random = new Random(20260401);
    private final Cursors cursors = new Cursors(new byte[32]);
    private final Map<RunId, RunRow> now = new LinkedHashMap<>();
    private final Map<RunId, Long> sequences = new HashMap<>();
    private long position;
    private Instant time = Recorded.START;

    private RunViewProcessor view;
    private RunPast past;
    private RunList list;
    private RunCounts counts;
    private LedgerTimes times;

    /** What was seen at a moment, by this question. */
    private record Poll(long position, Instant time, String query, List<RunView> runs, Long total, RunStats stats) {}

    @BeforeEach
    void connect() {
        TestDatabase.clear();
        view = new RunViewProcessor();
        past = new RunPast(TestDatabase.reader(), view.histories());
        list = new RunList(TestDatabase.reader(), cursors, past);
        counts = new RunCounts(TestDatabase.reader(), past);
        times = new LedgerTimes(TestDatabase.jdbc(), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        view.close();
    }

    @Test
    void every_moment_is_shown_as_it_was() {
        List<Poll> polls = new ArrayList<>();
        for (int i = 0; i < INSTANTS; i++) {
            record(1 + random.nextInt(12));
            polls.add(poll());
        }
        record(200);
        for (Poll poll : polls) {
            String asOf = random.nextBoolean() ? "position:" + poll.position : poll.time.toString();
            assertThat(all(poll.query + "&as_of=" + asOf)).as(poll.query).isEqualTo(poll.runs);
            assertThat(page(poll.query + "&count=true&as_of=" + asOf).total()).isEqualTo(poll.total);
            assertThat(stats(poll.query, asOf)).isEqualTo(poll.stats);
            assertThat(exported(poll.query, asOf)).as(poll.query).isEqualTo(oldestFirst(poll.runs));
            for (RunView run : poll.runs) {
                assertThat(view.queries.asOf("default", run.id(), run.version()))
                        .isEqualTo(run);
            }
        }
    }

    @Test
    void a_past_list_stays_as_it_is_while_its_pages_are_read() {
        record(300);
        String query = "sort=-updated_at&status=active&as_of=" + time;
        List<RunView> before = all(query);
        List<RunView> seen = new ArrayList<>();
        RunPage page = page(query + "&limit=3");
        while (page.next() != null) {
            seen.addAll(page.data());
            // An event that was on its way then: the same time means a later position from now on.
            time = time.minusMillis(1);
            record(5);
            page = page(query + "&limit=3&after=" + page.next());
        }
        seen.addAll(page.data());
        assertThat(seen).isEqualTo(before);
    }

    @Test
    void a_time_is_a_moment_between_what_was_recorded_by_then_and_what_was_later() {
        // Holes, and times that are out of order by a few positions.
        NavigableMap<Long, Instant> recorded = new TreeMap<>();
        addTimes(recorded, 2_000);
        Map<Instant, Long> found = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            Instant asked = Recorded.START.plusMillis(random.nextInt(21_000) - 200);
            long at = at(asked);
            found.put(asked, at);
            assertThat(at == 0 || !recorded.get(at).isAfter(asked))
                    .as("%s", asked)
                    .isTrue();
            Map.Entry<Long, Instant> next = recorded.higherEntry(at);
            assertThat(next == null || next.getValue().isAfter(asked))
                    .as("%s", asked)
                    .isTrue();
        }
        List<Instant> asked = found.keySet().stream().sorted().toList();
        assertThat(asked.stream().map(found::get)).isSorted();
        Instant last = Collections.max(recorded.values());
        addTimes(recorded, 3_000);
        // A node that remembers none of them.
        times = new LedgerTimes(TestDatabase.jdbc(), Clock.systemUTC());
        assertThat(asked)
                .filteredOn(last::isAfter)
                .isNotEmpty()
                .allSatisfy(time -> assertThat(at(time))
                        .as("%s, after more was recorded", time)
                        .isEqualTo(found.get(time)));
    }

    @Test
    void what_will_be_the_same_for_ever_is_looked_for_once() {
        RecordedEvent event = event(Recorded.id(0), created(Recorded.id(0)));
        Instant asked = event.recordedAt();
        for (Duration age : List.of(LedgerTimes.CLOCK_SET_BACK, LedgerTimes.CLOCK_SET_BACK.plusNanos(1))) {
            insert(List.of(event));
            times = new LedgerTimes(TestDatabase.jdbc(), Clock.fixed(asked.plus(age), ZoneOffset.UTC));
            AsOf.Position place = new AsOf.Position(position);
            LedgerMoment moment = times.moment(place);
            assertThat(at(asked)).isEqualTo(position);
            TestDatabase.clear();
            assertThat(times.moment(place)).isEqualTo(moment);
            assertThat(at(asked)).isEqualTo(age.equals(LedgerTimes.CLOCK_SET_BACK) ? 0 : position);
        }
    }

    @Test
    void a_run_that_had_ended_and_went_on_later_is_in_the_past_list_of_its_status() {
        RunId id = Recorded.id(0);
        List<RunEvent> endings = List.of(
                new RunInvalidated(List.of()),
                new RunSucceeded(null, 0),
                new RunPartiallySucceeded(null, 0),
                new RunFailed(new RunError("boom", "boo hoo", null, null), 1),
                new RunCancelled("enough"),
                new RunSkipped("not needed"));
        save(List.of(event(id, created(id))));
        Set<RunStatus> seen = EnumSet.noneOf(RunStatus.class);
        for (RunEvent ending : endings) {
            save(List.of(event(id, ending)));
            RunStatus status = now.get(id).status;
            seen.add(status);
            String query = "status=" + status.wireName() + "&as_of=position:" + position;
            save(List.of(event(id, new RunResumed("again", null))));
            save(List.of(event(id, new RunQueued())));
            assertThat(all(query)).as(query).extracting(RunView::status).containsExactly(status);
        }
        assertThat(seen)
                .containsExactlyElementsOf(
                        Stream.of(RunStatus.values()).filter(RunStatus::isEnd).toList());
    }

    private long at(Instant time) {
        return times.moment(new AsOf.Time(time)).position();
    }

    private void addTimes(NavigableMap<Long, Instant> recorded, int count) {
        Map<Long, Instant> more = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            position += random.nextInt(10) == 0 ? 1 + random.nextInt(50) : 1;
            time = time.plusMillis(10);
            more.put(position, time.plusMillis(random.nextInt(60)));
        }
        insert(more.entrySet().stream().map(RunPastTest::noted).toList());
        recorded.putAll(more);
    }

    @Test
    void runs_are_in_a_past_list_although_the_clock_was_set_back() {
        record(1);
        RunId before = now.keySet().iterator().next();
        time = time.minus(LedgerTimes.CLOCK_SET_BACK);
        RunId after = Recorded.id(RUNS);
        save(List.of(event(after, created(after))));
        String query = "sort=created_at&as_of=position:" + position;
        assertThat(all(query)).extracting(RunView::id).containsExactly(after, before);
    }

    @Test
    void the_history_tells_what_each_event_changed() {
        record(1);
        RunId id = now.keySet().iterator().next();
        save(List.of(event(id, new RunQueued()), event(id, new RunStarted(1, "w", null))));
        RunAudit audit = new RunAudit(view.histories());
        RunChange.Page page = audit.page("default", id, -1, 2);
        assertThat(page.data()).extracting(RunChange::type).containsExactly("run.created", "run.queued");
        assertThat(page.data().getLast().changed()).containsOnlyKeys("status", "queued_at");
        assertThat(page.data().getLast().changed())
                .containsEntry("status", List.of(RunStatus.CREATED, RunStatus.QUEUED));
        assertThat(page.hasMore()).isTrue();
        RunChange.Page rest = audit.page("default", id, page.next(), 2);
        assertThat(rest.data().getFirst().state()).isEqualTo(RunPresenter.view(now.get(id)));
        assertThat(rest.data().getFirst().changed()).containsKeys("status", "worker", "attempt", "started_at");
        assertThat(rest.hasMore()).isFalse();
    }

    private Poll poll() {
        String sort = pick(
                "created_at", "updated_at", "started_at", "finished_at", "duration_ms", "status", "priority", "name");
        String filter = pick(
                "",
                "",
                "&status=active",
                "&status=ended&queue=fast",
                "&status=failed&status=queued",
                "&status=failed",
                "&target=task:a",
                "&label.team=x",
                "&worker=w1",
                "&error_code=boom",
                "&q=boo",
                "&q=alpha",
                "&min_duration_ms=2000",
                "&updated_after=" + time.minusSeconds(30),
                "&name=alpha*&stage=draft");
        // Every page is asked for twice, in each of the ways: few short ones are enough.
        int limit = random.nextInt(8) == 0 ? 1 + random.nextInt(4) : 10 + random.nextInt(20);
        String query = "limit=" + limit + "&sort=" + pick("", "-") + sort + filter;
        return new Poll(
                position, time, query, all(query), page(query + "&count=true").total(), stats(query, null));
    }

    /** All pages forwards; the last page's way back shows the same. */
    private List<RunView> all(String query) {
        List<RunView> runs = new ArrayList<>();
        RunPage page = page(query);
        runs.addAll(page.data());
        while (page.next() != null) {
            RunPage before = page;
            page = page(query + "&after=" + page.next());
            runs.addAll(page.data());
            assertThat(page(query + "&before=" + page.previous()).data()).isEqualTo(before.data());
        }
        return runs;
    }

    private RunPage page(String query) {
        RunListQuery read = RunListParameters.read("default", RunListParametersTest.parameters(query), cursors);
        return list.page(read, read.asOf() == null ? null : times.moment(read.asOf()));
    }

    private static List<RunView> oldestFirst(List<RunView> runs) {
        return runs.stream()
                .sorted(Comparator.comparing(RunView::createdAt)
                        .thenComparing(run -> run.id().toString()))
                .toList();
    }

    /** All lines of an export that breaks off now and then, and is continued after the last run that arrived. */
    private List<RunView> exported(String query, String asOf) {
        QueryParameters parameters = new QueryParameters(RunListParametersTest.parameters(filter(query) + asOf));
        RunFilter filter = RunFilters.read("default", parameters);
        LedgerMoment moment = times.moment(AsOf.ofList(parameters));
        parameters.check();
        // Of few bytes each run is a slice of its own, which costs the most by far.
        RunSlices.Bounds bounds = new RunSlices.Bounds(
                1 + random.nextInt(RUNS), 1 + random.nextInt(RUNS), random.nextInt(5) == 0 ? 10 : 1 << 20);
        RunSlices slices = new RunSlices(TestDatabase.reader(), list, past, bounds);
        List<RunView> runs = new ArrayList<>();
        RunLines lines = new RunLines(slices, filter, moment, null);
        while (!lines.isDone()) {
            runs.addAll(lines.next());
            if (!runs.isEmpty() && random.nextInt(5) == 0) {
                RunPlace place = slices.placeOf("default", runs.getLast().id(), moment);
                lines = new RunLines(slices, filter, moment, place);
            }
        }
        return runs;
    }

    private static String filter(String query) {
        return query.replaceAll("(limit|sort)=[^&]*&?", "") + "&as_of=";
    }

    private RunStats stats(String query, String asOf) {
        String filter = query.replaceAll("(limit|sort)=[^&]*&?", "") + "&group_by=stage"
                + (asOf == null ? "" : "&as_of=" + asOf);
        RunStatsQuery read = RunStatsQuery.read("default", RunListParametersTest.parameters(filter));
        return counts.stats(read, read.asOf() == null ? null : times.moment(read.asOf()));
    }

    private void record(int count) {
        List<RecordedEvent> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RunId id = Recorded.id(random.nextInt(RUNS));
            events.add(event(id, sequences.containsKey(id) ? anyEvent() : created(id)));
        }
        save(events);
    }

    private RecordedEvent event(RunId id, RunEvent event) {
        position += random.nextInt(20) == 0 ? 3 : 1;
        time = time.plusMillis(1 + random.nextInt(500));
        long sequence = sequences.merge(id, 0L, (old, _) -> old + 1);
        return new RecordedEvent(
                id, sequence, position, time.minusMillis(random.nextInt(3)), time, "tester", "default", event);
    }

    private static RecordedEvent noted(Map.Entry<Long, Instant> at) {
        RunNoted note = new RunNoted("step", null);
        Instant time = at.getValue();
        return new RecordedEvent(Recorded.id(at.getKey()), 0, at.getKey(), time, time, "tester", "default", note);
    }

    private void save(List<RecordedEvent> events) {
        view.append(events);
        insert(events);
        Map<RunId, RunRow> changed = new LinkedHashMap<>();
        for (RecordedEvent event : events) {
            RunRow row = now.computeIfAbsent(event.runId(), RunRow::new);
            RunFold.apply(row, event);
            changed.put(row.id, row);
        }
        new RunTable(TestDatabase.jdbc(), 1).save(changed.values());
    }

    private static void insert(List<RecordedEvent> events) {
        TestDatabase.jdbc()
                .sql("""
                        insert into ledger.event (position, id, project, run_id, sequence, type, version, payload,
                            payload_bytes, actor, occurred_at, recorded_at, hash)
                        overriding system value
                        select position, gen_random_uuid(), 'default', run_id, sequence, type, 1, '{}', 2, 'tester',
                            recorded_at, recorded_at, sha256('')
                        from unnest(?::bigint[], ?::uuid[], ?::bigint[], ?::text[], ?::timestamptz[])
                            as event (position, run_id, sequence, type, recorded_at)""")
                .params(
                        events.stream().map(RecordedEvent::position).toArray(Long[]::new),
                        events.stream().map(event -> event.runId().value()).toArray(UUID[]::new),
                        events.stream().map(RecordedEvent::sequence).toArray(Long[]::new),
                        events.stream()
                                .map(event -> RunAudit.type(event.event()))
                                .toArray(String[]::new),
                        events.stream()
                                .map(event -> event.recordedAt()
                                        .atOffset(ZoneOffset.UTC)
                                        .toString())
                                .toArray(String[]::new))
                .update();
    }

    private RunCreated created(RunId id) {
        return new RunCreated(
                id,
                "default",
                Target.of(pick("task:a", "agent:b")),
                RunMode.ASYNC,
                null,
                pick(null, "alpha-1", "beta"),
                new Json("{\"n\":1}"),
                null,
                Map.of("team", pick("x", "y")),
                null,
                pick(null, "draft"),
                pick("fast", "slow"),
                random.nextInt(3),
                1,
                null,
                null,
                null,
                null,
                null);
    }

    private RunEvent anyEvent() {
        return switch (random.nextInt(10)) {
            case 0 -> new RunQueued();
            case 1, 2 -> new RunStarted(1, pick("w1", "w2"), null);
            case 3 -> new RunProgressed(50.0, null);
            case 4 -> new RunSucceeded(new Json("[1]"), 0);
            case 5 -> new RunFailed(new RunError(pick("boom", "bang"), "boo hoo", null, null), 1);
            case 6 -> new RunResumed("again", pick(null, new Json("2")));
            case 7 -> new RunArtifactAdded(new Artifact(pick("a", "b"), null, null, 1L, null));
            case 8 -> new RunStopped(RunStatus.RUNNING, "wait");
            default -> new RunCancelled("enough");
        };
    }

    @SafeVarargs
    private <T> T pick(T... values) {
        return values[random.nextInt(values.length)];
    }
}

package io.runledger.query.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.RunMode;
import io.runledger.api.RunStatus;
import io.runledger.api.RunView;
import io.runledger.query.Recorded;
import io.runledger.query.TestDatabase;
import io.runledger.query.http.Cursors;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.inmemory.InMemoryEventStorageEngine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RunListTest {

    private final Cursors cursors = new Cursors(new byte[32]);
    private final RunTable table = new RunTable(TestDatabase.jdbc(), 1);
    // So few runs are looked through for labels first that both ways are gone.
    private final RunList list = new RunList(TestDatabase.reader(), cursors, noPast(), 10);
    private final Random random = new Random(20260301);
    private final Map<RunId, RunRow> model = new LinkedHashMap<>();

    private static RunPast noPast() {
        return new RunPast(
                TestDatabase.reader(),
                new RunHistories(
                        EmbeddedEventStore.builder()
                                .storageEngine(new InMemoryEventStorageEngine())
                                .build(),
                        (_, _) -> DomainEventStream.empty()));
    }

    @BeforeEach
    void clear() {
        TestDatabase.clear();
    }

    @Test
    void every_sign_parts_words_wherever_it_stands() {
        String signs = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
        String[] texts = Stream.generate(() -> randomText("abcXYZ019éß中 " + signs.repeat(2) + "http://www.com@@<<&&--"))
                .limit(20_000)
                .toArray(String[]::new);
        List<String> unlike = TestDatabase.jdbc()
                .sql("""
                        select text from unnest(cast(? as text[])) as text
                        where view.words('', text, null)
                            is distinct from to_tsvector('simple', translate(text, ?, repeat(' ', length(?))))""")
                .params(texts, signs, signs)
                .query(String.class)
                .list();
        assertThat(unlike).isEmpty();
    }

    private String randomText(String letters) {
        return random.ints(1 + random.nextInt(24), 0, letters.length())
                .mapToObj(place -> letters.substring(place, place + 1))
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @EnumSource(RunSort.Field.class)
    void pages_forwards_and_back_show_every_run_once_in_order(RunSort.Field field) {
        insert(83);
        for (boolean descending : new boolean[] {false, true}) {
            RunSort sort = new RunSort(field, descending);
            String query = "limit=7&sort=" + sort;
            List<RunPage> pages = forwards(query);
            assertThat(pages.stream().flatMap(page -> page.data().stream()).map(RunView::id))
                    .as(query)
                    .containsExactlyElementsOf(expected(sort, _ -> true));
            assertThat(pages.getFirst().previous()).isNull();
            RunPage page = pages.getLast();
            for (int i = pages.size() - 2; i >= 0; i--) {
                page = page(query + "&before=" + page.previous());
                assertThat(page.data()).isEqualTo(pages.get(i).data());
                assertThat(page.hasMore()).isTrue();
                assertThat(page.next()).isEqualTo(pages.get(i).next());
            }
            assertThat(page.previous()).isNull();
        }
    }

    @Test
    void runs_that_ended_or_were_stopped_are_at_rest() {
        insert(200);
        Map<RunStatus, Boolean> resting = new EnumMap<>(RunStatus.class);
        TestDatabase.jdbc()
                .sql("select distinct status, rested_at = updated_at and life is not null as rests from view.run")
                .query(row -> {
                    RunStatus status = RunStatus.of(row.getString("status"));
                    assertThat(resting.put(status, row.getBoolean("rests")))
                            .as("other than another")
                            .isNull();
                });
        assertThat(resting).containsOnlyKeys(RunStatus.values());
        resting.forEach((status, rests) ->
                assertThat(rests).as(status.wireName()).isEqualTo(status.isEnd() || status == RunStatus.STOPPED));
    }

    @Test
    void runs_that_are_added_meanwhile_neither_move_nor_repeat_the_others() {
        for (String sort : List.of("created_at", "-created_at", "-started_at", "name", "-priority")) {
            TestDatabase.clear();
            model.clear();
            insert(60);
            Set<RunId> before = Set.copyOf(model.keySet());
            List<RunId> seen = new ArrayList<>();
            String cursor = "";
            RunPage page;
            do {
                page = page("limit=5&sort=" + sort + cursor);
                page.data().forEach(run -> seen.add(run.id()));
                insert(2);
                cursor = "&after=" + page.next();
            } while (page.next() != null);
            assertThat(new HashSet<>(seen)).as(sort).hasSameSizeAs(seen).containsAll(before);
        }
    }

    @Test
    void no_more_are_counted_than_shall_be_and_one() {
        insert(12);
        RunFilter all = new RunFilter("default", List.of(RunCondition.of("project", "project = ?", "default")));

        assertThat(list.count(all, RunRelation.NOW, 5)).isEqualTo(6);
        assertThat(list.count(all, RunRelation.NOW, 12)).isEqualTo(12);
        assertThat(list.count(all, RunRelation.NOW, 1_000)).isEqualTo(12);
    }

    @Test
    void filters_agree_with_a_model() {
        insert(120);
        Map<String, Predicate<RunRow>> filters = new LinkedHashMap<>();
        filters.put("status=failed", row -> row.status == RunStatus.FAILED);
        filters.put("status=active", row -> !row.status.isEnd());
        filters.put("status=ended&status=running", row -> row.status.isEnd() || row.status == RunStatus.RUNNING);
        filters.put("target=task:b", row -> row.target.equals("task:b"));
        filters.put(
                "target=task:a&target=agent:b",
                row -> Set.of("task:a", "agent:b").contains(row.target));
        filters.put("kind=agent", row -> row.kind.equals("agent"));
        filters.put("queue=slow&stage=none", _ -> false);
        filters.put("name=alpha-1*", row -> row.name != null && row.name.startsWith("alpha-1"));
        filters.put(
                "name=alpha-1&name=beta*",
                row -> row.name != null && (row.name.equals("alpha-1") || row.name.startsWith("beta")));
        filters.put("label.team=x", row -> "x".equals(row.labels.get("team")));
        filters.put(
                "label.team=x&label.team=y&label.odd=\"'%",
                row -> row.labels.containsKey("team") && "\"'%".equals(row.labels.get("odd")));
        filters.put("key=key-7&key=key-8", row -> Set.of("key-7", "key-8").contains(String.valueOf(row.key)));
        filters.put("id=" + Recorded.id(5).value(), row -> row.id.equals(Recorded.id(5)));
        Instant middle = Recorded.START.plusSeconds(5);
        filters.put("created_after=" + middle, row -> row.createdAt.isAfter(middle));
        filters.put("created_before=" + middle, row -> row.createdAt.isBefore(middle));
        filters.put(
                "updated_after=" + middle + "&status=failed",
                row -> row.updatedAt.isAfter(middle) && row.status == RunStatus.FAILED);
        moreFilters(filters);
        filters.forEach((query, filter) -> {
            List<RunId> expected = expected(RunSort.DEFAULT, filter);
            RunPage page = page("limit=100&count=true&" + query);
            assertThat(page.data().stream().map(RunView::id))
                    .as(query)
                    .containsExactlyElementsOf(expected.subList(0, Math.min(100, expected.size())));
            assertThat(page.total()).isEqualTo(expected.size());
            assertThat(page.totalIsAtLeast()).isNull();
        });
    }

    private static void moreFilters(Map<String, Predicate<RunRow>> filters) {
        filters.put("mode=live&mode=scheduled", row -> row.mode != RunMode.ASYNC);
        filters.put("worker=w1", row -> "w1".equals(row.worker));
        filters.put("created_by=other", row -> row.createdBy.equals("other"));
        filters.put("error_code=boom", row -> "boom".equals(row.errorCode));
        filters.put("schedule_id=s1", row -> "s1".equals(row.scheduleId));
        filters.put("stage=draft", row -> "draft".equals(row.stage));
        filters.put("min_duration_ms=1", row -> row.durationMs != null && row.durationMs >= 1);
        filters.put("max_duration_ms=2", row -> row.durationMs != null && row.durationMs <= 2);
        for (String time : List.of("started", "finished")) {
            Function<RunRow, Instant> at = row -> time.equals("started") ? row.startedAt : row.finishedAt;
            Instant middle = Recorded.START.plusSeconds(5);
            filters.put(
                    time + "_after=" + middle,
                    row -> at.apply(row) != null && at.apply(row).isAfter(middle));
            filters.put(
                    time + "_before=" + middle,
                    row -> at.apply(row) != null && at.apply(row).isBefore(middle));
        }
        filters.put("q=alpha", row -> String.valueOf(row.name).startsWith("alpha"));
        filters.put("q=HOST-a", row -> "Host 'a-7': refused & lost".equals(row.errorMessage));
        filters.put("q=refused 7", row -> row.errorMessage != null);
        filters.put("q=agent beta", row -> "beta".equals(row.name) && row.kind.equals("agent"));
        filters.put("q=tas b", _ -> false);
        filters.put("q=beta&q=lost", row -> "beta".equals(row.name) || row.errorMessage != null);
    }

    @Test
    void child_runs_are_shown_to_those_who_ask() {
        insert(10);
        for (int i = 10; i < 20; i++) {
            RunRow row = row(i);
            row.parentId = Recorded.id(i % 2);
            row.rootId = Recorded.id(0);
            table.save(List.of(row));
            model.put(row.id, row);
        }
        assertThat(page("count=true").total()).isEqualTo(10);
        assertThat(page("count=true&include=tasks").total()).isEqualTo(20);
        assertThat(page("count=true&parent_id=" + Recorded.id(1)).total()).isEqualTo(5);
        assertThat(page("count=true&root_id=" + Recorded.id(0).value()).total()).isEqualTo(10);
    }

    @Test
    void a_long_error_message_does_not_stop_the_view() {
        RunRow row = row(1);
        row.errorCode = "long";
        row.errorMessage =
                new Random(1).ints(300_000).mapToObj(Integer::toString).collect(Collectors.joining(" "));
        table.save(List.of(row));
        assertThat(page("error_code=long").data()).hasSize(1);
    }

    @Test
    void nothing_of_another_project_is_shown() {
        insert(5);
        RunListQuery query = RunListParameters.read("other", RunListParametersTest.parameters("count=true"), cursors);
        RunPage page = list.page(query, null);
        assertThat(page.data()).isEmpty();
        assertThat(page.total()).isZero();
        assertThat(page.hasMore()).isFalse();
        assertThat(page.next()).isNull();
    }

    @Test
    void an_offset_leaves_runs_out() {
        insert(30);
        List<RunId> all = expected(RunSort.DEFAULT, _ -> true);
        RunPage page = page("offset=10&limit=5");
        assertThat(page.data().stream().map(RunView::id)).containsExactlyElementsOf(all.subList(10, 15));
        assertThat(page("limit=100&before=" + page.previous()).data().stream().map(RunView::id))
                .containsExactlyElementsOf(all.subList(0, 10));
    }

    @Test
    void a_page_of_large_runs_ends_early() {
        Json large = new Json("\"" + "x".repeat(1 << 20) + "\"");
        for (int i = 0; i < 20; i++) {
            RunRow row = row(i);
            row.input = large;
            table.save(List.of(row));
            model.put(row.id, row);
        }
        List<RunPage> pages = forwards("limit=100");
        assertThat(pages).hasSize(3);
        assertThat(pages.getFirst().data()).hasSize(8);
        assertThat(pages.stream().flatMap(page -> page.data().stream()).map(RunView::id))
                .containsExactlyElementsOf(expected(RunSort.DEFAULT, _ -> true));
        RunPage back = page("limit=100&before=" + pages.getLast().previous());
        assertThat(back.data()).hasSize(8);
        assertThat(back.previous()).isNotNull();
    }

    @Test
    void counting_stops_at_ten_thousand() {
        insert(1);
        String copy =
                "insert into view.run (id, %1$s) select gen_random_uuid(), %1$s from view.run, generate_series(1, ?)"
                        .formatted(RunColumns.names(RunColumns.ALL).substring("id, ".length()));
        TestDatabase.jdbc().sql(copy).param(9_999).update();
        assertThat(page("count=true").total()).isEqualTo(10_000);
        assertThat(page("count=true").totalIsAtLeast()).isNull();
        assertThat(page("").total()).isNull();

        TestDatabase.jdbc().sql(copy + " limit 1").param(1).update();
        assertThat(page("count=true").total()).isEqualTo(10_000);
        assertThat(page("count=true").totalIsAtLeast()).isTrue();
    }

    private List<RunPage> forwards(String query) {
        List<RunPage> pages = new ArrayList<>();
        pages.add(page(query));
        while (pages.getLast().next() != null) {
            assertThat(pages.getLast().hasMore()).isTrue();
            pages.add(page(query + "&after=" + pages.getLast().next()));
        }
        assertThat(pages.getLast().hasMore()).isFalse();
        return pages;
    }

    private RunPage page(String query) {
        return list.page(RunListParameters.read("default", RunListParametersTest.parameters(query), cursors), null);
    }

    private void insert(int count) {
        List<RunRow> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RunRow row = row(model.size());
            rows.add(row);
            model.put(row.id, row);
        }
        table.save(rows);
    }

    /** A run with few different values, so that many are equal in what they are sorted by. */
    private RunRow row(long number) {
        RunRow row = new RunRow(Recorded.id(number));
        row.project = "default";
        row.kind = pick("task", "agent");
        row.target = row.kind + ":" + pick("a", "b", "c");
        row.status = pick(RunStatus.values());
        row.queue = pick("fast", "slow");
        row.name = pick(null, "alpha-1", "alpha-2", "alpha-11", "beta");
        row.key = random.nextBoolean() ? "key-" + number : null;
        row.priority = pick(-5, 0, 5);
        row.createdBy = pick("tester", "other");
        row.mode = pick(RunMode.values());
        row.worker = pick(null, "w1", "w2");
        row.stage = pick(null, "draft");
        row.scheduleId = pick(null, "s1");
        if (random.nextBoolean()) {
            row.errorCode = pick("boom", "bang");
            row.errorMessage = "Host 'a-7': refused & lost";
        }
        row.artifacts = new LinkedHashMap<>();
        row.createdAt = Recorded.START.plusSeconds(random.nextInt(10));
        row.updatedAt = row.createdAt.plusNanos(1000L * random.nextInt(3));
        row.startedAt = random.nextBoolean() ? row.createdAt : null;
        row.finishedAt = random.nextBoolean() ? row.updatedAt : null;
        row.durationMs = random.nextBoolean() ? (Long) random.nextLong(4) : null;
        row.version = 0;
        if (random.nextBoolean()) {
            row.labels.put("team", pick("x", "y"));
            row.labels.put("odd", pick("\"'%", "plain"));
        }
        return row;
    }

    @SafeVarargs
    private <T> T pick(T... values) {
        return values[random.nextInt(values.length)];
    }

    private List<RunId> expected(RunSort sort, Predicate<RunRow> filter) {
        Function<RunRow, Comparable<Object>> value = value(sort.field());
        Comparator<Comparable<Object>> byValue =
                sort.descending() ? Comparator.reverseOrder() : Comparator.naturalOrder();
        Comparator<RunRow> byId = Comparator.comparing(row -> row.id);
        return model.values().stream()
                .filter(filter)
                .sorted(Comparator.comparing(value, Comparator.nullsLast(byValue))
                        .thenComparing(sort.descending() ? byId.reversed() : byId))
                .map(row -> row.id)
                .toList();
    }

    @SuppressWarnings("unchecked")
    private static Function<RunRow, Comparable<Object>> value(RunSort.Field field) {
        return row -> (Comparable<Object>) (Comparable<?>)
                switch (field) {
                    case CREATED_AT -> row.createdAt;
                    case UPDATED_AT -> row.updatedAt;
                    case STARTED_AT -> row.startedAt;
                    case FINISHED_AT -> row.finishedAt;
                    case DURATION_MS -> row.durationMs;
                    case STATUS -> row.status.wireName();
                    case PRIORITY -> row.priority;
                    case NAME -> row.name;
                };
    }
}

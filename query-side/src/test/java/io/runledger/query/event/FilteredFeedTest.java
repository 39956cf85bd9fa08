package io.runledger.query.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.api.RecentRecord;
import io.runledger.api.RunId;
import io.runledger.query.Recorded;
import io.runledger.query.TestDatabase;
import io.runledger.query.event.OpenStreams.OpenStream;
import io.runledger.query.http.QueryParameters;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.projection.ProjectionConfiguration;
import io.runledger.query.projection.ViewPosition;
import io.runledger.query.run.ListedRunsFactory;
import io.runledger.query.signal.CommitSignal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.tokenstore.TokenStore;
import org.axonframework.serialization.Serializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.json.JsonMapper;

/** Feeds that are asked for the events of some runs, by what only the view of runs knows, which may be behind. */
class FilteredFeedTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Pattern ID = Pattern.compile("^id: (\\d+)$", Pattern.MULTILINE);
    private static final StreamSettings SETTINGS =
            new StreamSettings(100, 100, Duration.ofMillis(300), Duration.ofSeconds(5), 1_000, 1_000_000);

    private final ProjectionConfiguration projections = new ProjectionConfiguration();
    private final Serializer serializer = projections.serializer();
    private final TokenStore tokens = projections.tokenStore(TestDatabase.dataSource(), serializer);
    private final ViewPosition view = projections.runViewPosition(TestDatabase.dataSource(), serializer);
    private final JdbcClient jdbc = JdbcClient.create(TestDatabase.dataSource());
    private final ListedRunsFactory listedRuns =
            new ListedRunsFactory(new ProjectReader(TestDatabase.dataSource()), view);

    private final CommitSignal signal = new CommitSignal(TestDatabase::newConnection);
    private final EventHead head = new EventHead(jdbc, RecentRecord.NOTHING);
    private final EventReader reader = new EventReader(new ProjectReader(TestDatabase.dataSource()), head);
    private final EventQueries queries = new EventQueries(reader);
    private final Tail tail = new Tail(head, signal, RecentRecord.NOTHING, SETTINGS);
    private static final Caller CALLER = new Caller("p", "key:test");
    private final OpenStreams open = new OpenStreams(100, _ -> true);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<RunId, Long> sequences = new HashMap<>();

    @BeforeEach
    void start() {
        TestDatabase.clear();
        tokens.initializeTokenSegments("run", 1, null);
        signal.start();
        tail.start();
        open.start();
    }

    @AfterEach
    void stop() {
        open.stop();
        tail.stop();
        signal.stop();
        threads.shutdownNow();
    }

    @Test
    void a_page_holds_the_events_of_the_runs_that_the_list_would_show() {
        for (int i = 0; i < 12; i++) {
            append(i % 3);
        }
        show(0, "running", "fast");
        show(1, "failed", "fast");
        show(2, "running", "slow");
        showUpTo(12);
        assertThat(page("status=running")).containsExactly(1L, 3L, 4L, 6L, 7L, 9L, 10L, 12L);
        assertThat(page("queue=fast&status=failed")).containsExactly(2L, 5L, 8L, 11L);
        assertThat(page("status=running&id=" + Recorded.id(1) + "&run_id=" + Recorded.id(2)))
                .containsExactly(1L, 4L, 7L, 10L);
        assertThat(page("label.team=x")).isEmpty();
        assertThat(page("include=tasks")).hasSize(12);
        jdbc.sql("update view.run set parent_id = id where id = ?")
                .param(Recorded.id(1).value())
                .update();
        assertThat(page("queue=fast")).containsExactly(2L, 5L, 8L, 11L);
        assertThat(page("queue=fast&include=tasks")).hasSize(8);
        assertThat(page("parent_id=" + Recorded.id(1))).containsExactly(1L, 4L, 7L, 10L);
        assertThat(page("")).hasSize(12);
    }

    @Test
    void a_page_waits_until_the_view_shows_its_events() {
        append(0);
        CompletableFuture<List<Long>> page = CompletableFuture.supplyAsync(() -> page("queue=fast"), threads);
        assertThat(page("")).containsExactly(1L);
        assertThat(page).isNotDone();
        show(0, "queued", "fast");
        showUpTo(1);
        assertThat(page.orTimeout(LONG.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                        .join())
                .containsExactly(1L);
    }

    @Test
    void a_view_that_stands_still_is_told_rather_than_that_there_is_nothing() {
        append(0);
        assertThatThrownBy(() -> page("queue=fast")).isInstanceOf(Problem.class).hasMessageContaining("position 1");
    }

    @Test
    void a_stream_waits_for_the_view_and_loses_nothing() {
        append(0);
        append(1);
        show(0, "queued", "fast");
        show(1, "queued", "slow");
        showUpTo(2);
        ByteArrayOutputStream fast = follow("queue=fast", 0);
        ByteArrayOutputStream running = follow("status=running", 0);
        await().atMost(LONG).until(() -> ids(fast).equals(List.of(1L)));
        append(0);
        append(2);
        append(2);
        append(1);
        // The view does not show them: whether they are wanted cannot be known, and the reader hears that it is so.
        await().atMost(LONG).until(() -> text(fast).contains(": still here"));
        assertThat(ids(fast)).containsExactly(1L);
        show(2, "running", "fast");
        showUpTo(6);
        await().atMost(LONG).until(() -> ids(fast).equals(List.of(1L, 3L, 4L, 5L)));
        await().atMost(LONG).until(() -> ids(running).equals(List.of(4L, 5L)));
        jdbc.sql("update view.run set status = 'running'").update();
        append(0);
        append(1);
        showUpTo(8);
        await().atMost(LONG).until(() -> ids(running).equals(List.of(4L, 5L, 7L, 8L)));
        await().atMost(LONG).until(() -> ids(fast).equals(List.of(1L, 3L, 4L, 5L, 7L)));
        assertThat(ids(follow("queue=fast", 4)).size()).isLessThanOrEqualTo(2);
    }

    @Test
    void what_is_told_in_memory_and_in_the_database_is_alike() throws IOException {
        for (int i = 0; i < 30; i++) {
            append(i % 10);
        }
        for (int i = 0; i < 9; i++) {
            show(i, i % 2 == 0 ? "running" : "queued", i % 3 == 0 ? "fast" : "slow");
        }
        showUpTo(30);
        // The last run is missing from the view, as one is whose events the view could not take.
        for (String query : List.of("status=running", "queue=fast", "status=queued&queue=slow&type=run.n*", "kind=x")) {
            ProjectFeed feed = feed(query, 0);
            try (OpenStream stream = open.enter(CALLER)) {
                List<Long> history = positions(feed.history(stream, 0, 30).events());
                List<TailEvent> all =
                        head.after(0, EventReader.Bounds.ofEvents(100)).events();
                for (int twice = 0; twice < 2; twice++) {
                    assertThat(positions(feed.narrowed(stream, new Found(all, 30, true))
                                    .events()))
                            .as(query)
                            .isEqualTo(history);
                }
            }
        }
    }

    @Test
    void an_export_can_be_limited_too() {
        IntStream.range(0, 2_000).forEach(i -> append(i % 4));
        show(0, "running", "fast");
        show(1, "running", "slow");
        showUpTo(2_000);
        EventLines lines = new EventLines(reader, "p", feedFilter("status=running"), 1_000);
        List<Long> exported = new ArrayList<>();
        while (!lines.isDone()) {
            lines.next().forEach(event -> exported.add(event.position()));
        }
        assertThat(exported).hasSize(500).isSorted().doesNotHaveDuplicates().startsWith(1_001L, 1_002L, 1_005L);
    }

    private static List<Long> positions(List<TailEvent> events) {
        return events.stream().map(TailEvent::position).toList();
    }

    private EventFilter feedFilter(String query) {
        return new EventParameters(new QueryParameters(parameters(query))).filter("p", reader, listedRuns);
    }

    private ProjectFeed feed(String query, long after) {
        return new ProjectFeed(reader, "p", feedFilter(query), after);
    }

    private static LinkedMultiValueMap<String, String> parameters(String query) {
        return new LinkedMultiValueMap<>(
                UriComponentsBuilder.newInstance().query(query).build().getQueryParams());
    }

    private List<Long> page(String query) {
        return queries.ofProject("p", 0, feedFilter(query), 100).data().stream()
                .map(LedgerEvent::position)
                .toList();
    }

    private ByteArrayOutputStream follow(String query, long after) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ProjectFeed feed = feed(query, after);
        Future<?> _ = threads.submit(() -> {
            try (OpenStream stream = open.enter(CALLER);
                    Watch watch = tail.watch(feed.subject())) {
                EventStream events = new EventStream(
                        feed, tail, watch, new LargeEvents(JsonMapper.builder().build()));
                new SseStreams(open, SETTINGS).run(events, stream, new SseWriter(out));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        await().atMost(LONG).until(() -> text(out).contains("retry:"));
        return out;
    }

    private static String text(ByteArrayOutputStream out) {
        return out.toString(StandardCharsets.UTF_8);
    }

    private static List<Long> ids(ByteArrayOutputStream out) {
        return ID.matcher(text(out))
                .results()
                .map(id -> Long.parseLong(id.group(1)))
                .toList();
    }

    private void showUpTo(long position) {
        tokens.storeToken(new GlobalSequenceTrackingToken(position), "run", 0);
    }

    private void show(int number, String status, String queue) {
        jdbc.sql("""
                        insert into view.run (id, project, kind, target, mode, status, labels, attempt, max_attempts,
                            priority, queue, created_by, created_at, updated_at, version, position, first_position)
                        values (?, 'p', 'task', 'task:x', 'async', ?, '{}', 0, 1, 0, ?, 'me', now(), now(), 0, 1, 1)""").params(Recorded.id(number + 1).value(), status, queue).update();
    }

    private void append(int number) {
        RunId run = Recorded.id(number + 1);
        long sequence = sequences.merge(run, 1L, Long::sum) - 1;
        jdbc.sql("""
                        with told as materialized (select pg_notify('runledger_event', ''))
                        insert into ledger.event (id, project, run_id, sequence, type, version, payload, payload_bytes,
                            actor, occurred_at, recorded_at, hash)
                        select ?, 'p', ?, ?, 'run.noted', 1, '{}', 2, 'tester', ?, ?, decode(repeat('00', 32), 'hex')
                        from told""")
                .params(
                        UUID.randomUUID(),
                        run.value(),
                        sequence,
                        Recorded.START.atOffset(ZoneOffset.UTC),
                        Recorded.START.atOffset(ZoneOffset.UTC))
                .update();
    }
}

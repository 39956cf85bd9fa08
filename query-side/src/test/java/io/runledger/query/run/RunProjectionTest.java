package io.runledger.query.run;

import static io.runledger.query.Recorded.created;
import static io.runledger.query.Recorded.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.runledger.api.Artifact;
import io.runledger.api.FindRun;
import io.runledger.api.ItemResult;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.*;
import io.runledger.api.RunStatus;
import io.runledger.api.RunView;
import io.runledger.query.Recorded;
import io.runledger.query.TestDatabase;
import io.runledger.query.projection.EventBatch;
import io.runledger.query.projection.ReadEvent;
import io.runledger.query.projection.RecordedEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RunProjectionTest {

    private static final Json LARGE = new Json("\"" + randomText(200_000) + "\"");

    @BeforeEach
    void clear() {
        TestDatabase.clear();
    }

    @Test
    void the_view_is_the_fold_of_all_events_whatever_the_batches() {
        Random random = new Random(7);
        List<Recorded> histories = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            histories.add(
                    run(i).then(created(i, "run " + i, new Json("{\"n\":" + i + "}"), Map.of("b", "1", "a", "2"))));
        }
        try (RunViewProcessor view = new RunViewProcessor().start()) {
            List<RecordedEvent> events = new ArrayList<>();
            histories.forEach(history -> events.add(history.events().getFirst()));
            for (int i = 0; i < 3_000; i++) {
                Recorded history = histories.get(random.nextInt(histories.size()));
                history.then(anyEvent(random));
                events.add(history.events().getLast());
            }
            int middle = events.size() / 2;
            view.append(events.subList(0, middle));
            long last = view.append(events.subList(middle, events.size()));
            view.awaitPosition(last);
            for (Recorded history : histories) {
                RunRow expected = fold(history);
                RunRow stored = RunViewProcessor.row(expected.id);
                assertThat(RunPresenter.view(stored)).isEqualTo(RunPresenter.view(expected));
            }
        }
    }

    @Test
    void the_view_goes_on_where_it_stopped() {
        Recorded history = run(1).then(created(1), new RunQueued());
        try (RunViewProcessor view = new RunViewProcessor().start()) {
            view.awaitPosition(view.append(history.events()));
            view.processor().shutDown();
            history.then(new RunStarted(1, "w", 30));
            long last = view.append(history.events().subList(2, 3));
            assertThat(RunViewProcessor.row(Recorded.id(1)).status).isEqualTo(RunStatus.QUEUED);
            view.processor().start();
            view.awaitPosition(last);
            assertThat(RunViewProcessor.row(Recorded.id(1)).status).isEqualTo(RunStatus.RUNNING);
        }
    }

    @Test
    void a_reset_builds_the_same_view_again_even_when_it_is_interrupted() {
        List<RecordedEvent> events = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            events.addAll(run(i).then(created(i), new RunQueued(), new RunStarted(1, null, null))
                    .events());
        }
        try (RunViewProcessor view = new RunViewProcessor().start()) {
            long last = view.append(events);
            view.awaitPosition(last);
            RunView before = RunPresenter.view(RunViewProcessor.row(Recorded.id(5)));
            view.processor().shutDown();
            TestDatabase.jdbc().sql("update view.run set status = 'failed'").update();
            view.processor().resetTokens();
            assertThat(view.position.current()).isZero();
            assertThat(rows()).isZero();
            view.processor().start();
            await().atMost(Duration.ofSeconds(20)).until(() -> rows() > 0);
            view.processor().shutDown();
            view.processor().start();
            view.awaitPosition(last);
            assertThat(rows()).isEqualTo(600);
            assertThat(RunPresenter.view(RunViewProcessor.row(Recorded.id(5)))).isEqualTo(before);
        }
    }

    @Test
    void an_event_that_does_not_follow_parks_its_run_instead_of_being_skipped() {
        Recorded history = run(1).then(created(1), new RunQueued(), new RunStarted(1, null, null));
        try (RunViewProcessor view = new RunViewProcessor().start()) {
            view.awaitPosition(view.append(history.events().subList(0, 1)));
            view.append(history.events().subList(2, 3));
            view.awaitPosition(view.append(run(2).then(created(2)).events()));
            assertThat(RunViewProcessor.row(Recorded.id(1)).version).isZero();
            assertThat(RunViewProcessor.row(Recorded.id(2)).version).isZero();
            assertThat(TestDatabase.jdbc()
                            .sql("select run_id from view.dead_letter where cause like '%next event that came is 2'")
                            .query(UUID.class)
                            .list())
                    .containsExactly(Recorded.id(1).value());
        }
    }

    @Test
    void events_that_come_again_change_nothing() throws Exception {
        Recorded history = run(1).then(
                        created(1, null, LARGE, null),
                        new RunQueued(),
                        new RunStarted(1, "w", 5),
                        new RunArtifactAdded(new Artifact("a", null, null, null, null)),
                        new RunSucceeded(new Json("7"), 0));
        try (RunViewProcessor view = new RunViewProcessor()) {
            handle(view, history.events());
            String before = row();
            handle(view, history.events());
            handle(view, history.events().subList(1, 3));
            assertThat(row()).isEqualTo(before);
        }
    }

    @Test
    void progress_leaves_the_large_values_where_they_are() throws Exception {
        Recorded history = run(1).then(
                        created(1, null, LARGE, null),
                        new RunQueued(),
                        new RunStarted(1, "w", 5),
                        new RunArtifactAdded(new Artifact("a", null, null, null, null)));
        try (RunViewProcessor view = new RunViewProcessor()) {
            handle(view, history.events());
            long chunk = inputChunk();
            history.then(new RunProgressed(5.0, "x"), new RunCheckpointed(new Json("1")));
            handle(view, history.events().subList(4, 6));
            assertThat(inputChunk()).isEqualTo(chunk);
            RunView run = RunPresenter.view(RunViewProcessor.row(Recorded.id(1)));
            assertThat(run.input()).isEqualTo(LARGE);
            assertThat(run.artifacts()).hasSize(1);
            history.then(new RunArtifactAdded(new Artifact("b", null, null, null, null)));
            handle(view, history.events().subList(6, 7));
            assertThat(RunPresenter.view(RunViewProcessor.row(Recorded.id(1))).artifacts())
                    .hasSize(2);
        }
    }

    @Test
    void json_is_kept_byte_for_byte_and_emptied_when_resumed() throws Exception {
        Json odd = new Json("{\"b\":1.500,\"a\":\"\\u00e4\\/\\u0000\",\"n\":123456789012345678901234567890}");
        Recorded history = run(1).then(
                        created(1, null, odd, null),
                        new RunQueued(),
                        new RunStarted(1, null, null),
                        new RunFailed(new RunError("e", "m", null, odd), 1));
        try (RunViewProcessor view = new RunViewProcessor()) {
            handle(view, history.events());
            RunView failed = RunPresenter.view(RunViewProcessor.row(Recorded.id(1)));
            assertThat(failed.input()).isEqualTo(odd);
            assertThat(failed.error()).isEqualTo(new RunError("e", "m", null, odd));
            history.then(new RunResumed(null, null), new RunQueued());
            handle(view, history.events().subList(4, 6));
            RunView resumed = RunPresenter.view(RunViewProcessor.row(Recorded.id(1)));
            assertThat(resumed.error()).isNull();
            assertThat(resumed.output()).isNull();
            assertThat(resumed.input()).isEqualTo(odd);
        }
    }

    @Test
    void one_run_is_answered_fresh_however_far_the_view_is() throws Exception {
        Recorded history = run(1).then(created(1), new RunQueued());
        try (RunViewProcessor view = new RunViewProcessor()) {
            view.append(history.events());
            FindRun find = FindRun.latest("default", Recorded.id(1));
            assertThat(view.queries.handle(find).status()).isEqualTo(RunStatus.QUEUED);
            handle(view, history.events());
            history.then(new RunStarted(1, "w", null));
            view.append(history.events().subList(2, 3));
            RunView run = view.queries.handle(find);
            assertThat(run).isEqualTo(RunPresenter.view(fold(history)));
            assertThat(run.version()).isEqualTo(2);
        }
    }

    @Test
    void another_projects_run_is_not_there() throws Exception {
        Recorded history = run(1).then(created(1), new RunQueued());
        try (RunViewProcessor view = new RunViewProcessor()) {
            FindRun foreign = FindRun.latest("other", Recorded.id(1));
            assertThatThrownBy(() -> view.queries.handle(foreign)).isInstanceOf(Problem.class);
            view.append(history.events());
            assertThatThrownBy(() -> view.queries.handle(foreign)).isInstanceOf(Problem.class);
            handle(view, history.events());
            assertThatThrownBy(() -> view.queries.handle(foreign)).isInstanceOf(Problem.class);
        }
    }

    private static void handle(RunViewProcessor view, List<RecordedEvent> events) {
        List<ReadEvent> read = events.stream()
                .map(RunViewProcessor::message)
                .map(ReadEvent::of)
                .toList();
        EventBatch batch = new EventBatch(read, events.getLast().position());
        RunProjection projection = new RunProjection(view.view, view.position);
        UnitOfWork<EventMessage<EventBatch>> unitOfWork =
                DefaultUnitOfWork.startAndGet(GenericEventMessage.asEventMessage(batch));
        unitOfWork.execute(() -> projection.on(batch, unitOfWork));
        assertThat(unitOfWork.isRolledBack()).isFalse();
    }

    private static RunRow fold(Recorded history) {
        RunRow row = new RunRow(history.events().getFirst().runId());
        history.events().forEach(event -> RunFold.apply(row, event));
        return row;
    }

    private static RunEvent anyEvent(Random random) {
        return switch (random.nextInt(14)) {
            case 0 -> new RunQueued();
            case 1 -> new RunStarted(random.nextInt(5), "w" + random.nextInt(3), random.nextBoolean() ? 30 : null);
            case 2 -> new RunProgressed(random.nextInt(100) / 3.0, random.nextBoolean() ? "half\nway \"there\"" : null);
            case 3 -> new RunCheckpointed(new Json("{\"at\":" + random.nextInt() + "}"));
            case 4 -> new RunArtifactAdded(new Artifact("a" + random.nextInt(4), "text/plain", null, 1L, null));
            case 5 -> new RunSucceeded(random.nextBoolean() ? new Json("[1,2]") : null, 0);
            case 6 -> new RunFailed(new RunError("code", "message", random.nextBoolean(), new Json("{}")), 2);
            case 7 -> new RunResumed("again", random.nextBoolean() ? new Json("\"new\"") : null);
            case 8 -> new RunStopped(RunStatus.RUNNING, "stop");
            case 9 -> new RunScheduled(Recorded.START.plusSeconds(random.nextInt(1000)));
            case 10 -> new RunBlocked("other");
            case 11 -> new RunItemsAdded(0, List.of(new Json("1")));
            case 12 -> new RunItemsRecorded(List.of(new ItemResult(0, new Json("1"), null)));
            default -> new RunNoted("note", null);
        };
    }

    private static long rows() {
        return TestDatabase.jdbc()
                .sql("select count(*) from view.run")
                .query(Long.class)
                .single();
    }

    private static String row() {
        return TestDatabase.jdbc()
                .sql("select row_to_json(run)::text || xmin::text from view.run_1 as run")
                .query(String.class)
                .single();
    }

    private static long inputChunk() {
        return TestDatabase.jdbc()
                .sql("select pg_column_toast_chunk_id(input) from view.run_1")
                .query(Long.class)
                .single();
    }

    private static String randomText(int length) {
        Random random = new Random(1);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }
}

package io.runledger.query.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.query.TestDatabase;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.ReplayToken;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventhandling.tokenstore.TokenStore;
import org.axonframework.serialization.Serializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class ViewPositionTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final Serializer serializer = ProjectionConfiguration.tokenSerializer();
    private final TokenStore tokens = ProjectionConfiguration.tokenStoreOn(TestDatabase.dataSource(), serializer);
    private final ViewPosition position =
            new ViewPosition("run", JdbcClient.create(TestDatabase.dataSource()), serializer);

    @BeforeEach
    void clear() {
        TestDatabase.clear();
    }

    @Test
    void a_view_that_never_ran_is_at_the_start() {
        assertThat(position.current()).isZero();
        tokens.initializeTokenSegments("run", 1, null);
        assertThat(position.current()).isZero();
        position.await(0, Duration.ZERO);
    }

    @Test
    void a_view_is_as_far_as_its_last_segment() {
        tokens.initializeTokenSegments("run", 2, new GlobalSequenceTrackingToken(5));
        store(new GlobalSequenceTrackingToken(7), 1);
        assertThat(position.current()).isEqualTo(5);
    }

    @Test
    void a_view_that_is_being_replayed_is_as_far_as_the_replay() {
        tokens.initializeTokenSegments("run", 1, null);
        TrackingToken replay = ReplayToken.createReplayToken(new GlobalSequenceTrackingToken(90), null);
        store(replay, 0);
        assertThat(position.current()).isZero();
        store(
                ReplayToken.createReplayToken(new GlobalSequenceTrackingToken(90), new GlobalSequenceTrackingToken(4)),
                0);
        assertThat(position.current()).isEqualTo(4);
    }

    @Test
    void waiting_in_vain_ends_with_a_refusal() {
        assertThatThrownBy(() -> position.await(1, Duration.ofMillis(120)))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(ProblemCode.UNAVAILABLE));
    }

    @Test
    void waiting_ends_when_this_node_or_another_one_gets_there() {
        tokens.initializeTokenSegments("run", 1, null);
        for (boolean announced : new boolean[] {true, false}) {
            long target = position.current() + 10;
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                CompletableFuture<Void> waiting =
                        CompletableFuture.runAsync(() -> position.await(target, LONG), threads);
                store(new GlobalSequenceTrackingToken(target - 1), 0);
                position.advancedTo(target - 1);
                assertThat(waiting).isNotDone();
                await().atMost(LONG).until(position::isAwaited);
                store(new GlobalSequenceTrackingToken(target), 0);
                if (announced) {
                    position.advancedTo(target);
                }
                await().atMost(LONG).until(waiting::isDone);
                assertThat(waiting).isCompleted();
                assertThat(position.isAwaited()).isFalse();
            }
        }
    }

    @Test
    void a_view_that_got_there_once_is_not_asked_again_unless_it_was_reset() {
        tokens.initializeTokenSegments("run", 1, new GlobalSequenceTrackingToken(5));
        position.await(3, Duration.ZERO);
        store(new GlobalSequenceTrackingToken(2), 0);
        position.await(5, Duration.ZERO);
        assertThatThrownBy(() -> position.await(6, Duration.ZERO)).isInstanceOf(Problem.class);
        position.reset();
        position.await(2, Duration.ZERO);
        assertThatThrownBy(() -> position.await(3, Duration.ZERO)).isInstanceOf(Problem.class);
        store(new GlobalSequenceTrackingToken(9), 0);
        position.await(9, Duration.ZERO);
        store(new GlobalSequenceTrackingToken(8), 0);
        assertThatThrownBy(() -> position.await(9, Duration.ZERO)).isInstanceOf(Problem.class);
    }

    private void store(TrackingToken token, int segment) {
        tokens.storeToken(token, "run", segment);
    }
}

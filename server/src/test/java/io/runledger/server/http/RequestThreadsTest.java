package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RequestThreadsTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    private final RequestThreads threads = new RequestThreads();

    @Test
    void a_request_that_comes_alone_has_a_thread_of_the_system_and_others_have_virtual_ones() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        CompletableFuture<Boolean> first = isVirtual(answered);
        CompletableFuture<Boolean> second = isVirtual(answered);
        CompletableFuture<Boolean> third = isVirtual(answered);
        answered.countDown();
        assertThat(first.get()).isFalse();
        assertThat(second.get()).isTrue();
        assertThat(third.get()).isTrue();
        await().atMost(SOON).until(() -> !isVirtual(answered).get());
    }

    @Test
    void a_request_that_fails_was_one_all_the_same() {
        threads.execute(() -> {
            Thread.currentThread().setUncaughtExceptionHandler((_, _) -> {});
            throw new IllegalStateException("as it is meant to");
        });
        CountDownLatch none = new CountDownLatch(0);
        await().atMost(SOON).until(() -> !isVirtual(none).get());
    }

    /** Whether a request that lasts so long is on a virtual thread. */
    private CompletableFuture<Boolean> isVirtual(CountDownLatch end) {
        CompletableFuture<Boolean> virtual = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                end.await();
                virtual.complete(Thread.currentThread().isVirtual());
            } catch (InterruptedException e) {
                virtual.completeExceptionally(e);
            }
        });
        return virtual;
    }
}

package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
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

    @Test
    void
            a_request_that_is_alone_is_followed_by_what_its_client_sends_next_and_the_connection_is_left_to_others_at_the_end()
                    throws Exception {
        try (Connected connected = new Connected()) {
            CompletableFuture<Integer> read = new CompletableFuture<>();
            CountDownLatch waiting = new CountDownLatch(1);
            threads.execute(() -> {
                try {
                    int count = 0;
                    while (count == 0) {
                        waiting.countDown();
                        threads.awaitNext(connected.server);
                        count = connected.server.read(ByteBuffer.allocate(8));
                    }
                    read.complete(count);
                } catch (IOException e) {
                    read.completeExceptionally(e);
                }
            });
            waiting.await();
            connected.client.write(ByteBuffer.wrap(new byte[3]));
            assertThat(read.get()).isEqualTo(3);
            await().atMost(SOON).until(() -> !connected.server.isRegistered());
        }
    }

    @Test
    void who_waits_for_what_a_client_sends_next_does_so_for_a_moment() throws Exception {
        try (Connected connected = new Connected()) {
            CompletableFuture<Boolean> watched = watches(connected.server);
            assertThat(watched.get()).isTrue();
            await().atMost(SOON).until(() -> !connected.server.isRegistered());
        }
    }

    @Test
    void beside_others_no_request_waits_for_what_its_client_sends_next() throws Exception {
        try (Connected connected = new Connected()) {
            CountDownLatch end = new CountDownLatch(1);
            CompletableFuture<Boolean> alone = isVirtual(end);
            CompletableFuture<Boolean> second = watches(connected.server);
            assertThat(second.get()).isFalse();
            end.countDown();
            assertThat(alone.get()).isFalse();
        }
    }

    @Test
    void a_connection_that_is_closed_meanwhile_is_the_requests_failure_and_no_others() throws Exception {
        try (Connected connected = new Connected()) {
            connected.server.close();
            assertThat(watches(connected.server))
                    .failsWithin(SOON)
                    .withThrowableThat()
                    .withRootCauseInstanceOf(ClosedChannelException.class);
            CountDownLatch none = new CountDownLatch(0);
            await().atMost(SOON).until(() -> !isVirtual(none).get());
        }
    }

    /** Whether a request waits for what comes on this connection, from which nothing comes. */
    private CompletableFuture<Boolean> watches(SocketChannel connection) {
        CompletableFuture<Boolean> watched = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                threads.awaitNext(connection);
                watched.complete(connection.isRegistered());
            } catch (IOException e) {
                watched.completeExceptionally(e);
            }
        });
        return watched;
    }

    /** A client's and a server's end of a connection. */
    private static final class Connected implements AutoCloseable {

        private final SocketChannel client;
        private final SocketChannel server;

        Connected() throws IOException {
            try (ServerSocketChannel listening =
                    ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                client = SocketChannel.open(listening.getLocalAddress());
                server = listening.accept();
            }
            server.configureBlocking(false);
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
        }
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

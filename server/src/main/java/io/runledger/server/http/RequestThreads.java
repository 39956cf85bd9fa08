package io.runledger.server.http;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who answers requests: a virtual thread for each, but for one that comes alone a thread of the system. That one is woken by
 * the database's answer itself, and by the client's next request, a virtual thread through two others each time, and a caller
 * who is alone waits for all of them (ADR 11).
 */
final class RequestThreads implements Executor {

    private static final long REST_SECONDS = 10;

    /** A program that sends one request after the other most often has the next one ready by then. */
    private static final long NEXT_WITHIN_MILLIS = 10;

    private final AtomicInteger underWay = new AtomicInteger();
    private final ThreadFactory virtual = Thread.ofVirtual().name("request-", 0).factory();
    private final Executor others = request -> virtual.newThread(request).start();
    private final Executor alone = new ThreadPoolExecutor(
            0,
            1,
            REST_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            LoneThread::new,
            // It has just ended a request and is not back yet.
            (request, _) -> others.execute(request));

    @Override
    public void execute(Runnable request) {
        Executor threads = underWay.getAndIncrement() == 0 ? alone : others;
        threads.execute(() -> {
            try {
                request.run();
            } finally {
                underWay.decrementAndGet();
                if (Thread.currentThread() instanceof LoneThread lone) {
                    lone.letGo();
                }
            }
        });
    }

    /**
     * Waits a moment for what the client of a request that is still alone sends next; for others returns at once.
     *
     * @throws IOException when the connection is closed
     */
    void awaitNext(SocketChannel connection) throws IOException {
        if (Thread.currentThread() instanceof LoneThread lone && underWay.get() == 1) {
            lone.await(connection, NEXT_WITHIN_MILLIS);
        }
    }
}

package io.runledger.server.http;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who answers requests: a virtual thread for each, but for one that comes alone a thread of the system. That one is woken by
 * the database's answer itself, a virtual thread through two others, and a caller who is alone waits for all of them (ADR 11).
 */
final class RequestThreads implements Executor {

    private static final long REST_SECONDS = 10;

    private final AtomicInteger underWay = new AtomicInteger();
    private final ThreadFactory virtual = Thread.ofVirtual().name("request-", 0).factory();
    private final Executor others = request -> virtual.newThread(request).start();
    private final Executor alone = new ThreadPoolExecutor(
            0,
            1,
            REST_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().name("lone-request").daemon().factory(),
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
            }
        });
    }
}

package io.runledger.benchmarks.commands;

import io.runledger.benchmarks.Sample;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;

/** Many callers at once, each of which waits for one answer before it asks again. */
final class Clients {

    private Clients() {}

    /** What one caller does over and over; it may keep what belongs to it. */
    interface Caller {

        /** One operation, durable when it returns. */
        void call() throws Exception;

        /** Gives back what it has kept. */
        default void close() throws SQLException {}
    }

    /** Makes a caller. */
    interface Callers {
        Caller caller() throws Exception;
    }

    /** Lets so many callers call for so long, all beginning at once. */
    static Sample run(int count, Duration length, Callers callers) throws Exception {
        List<Caller> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < count; i++) {
                all.add(callers.caller());
            }
            long begun = System.nanoTime();
            long end = begun + length.toNanos();
            List<Future<List<Long>>> futures = new ArrayList<>();
            for (Caller caller : all) {
                futures.add(threads.submit(() -> until(end, caller)));
            }
            List<Long> nanos = new ArrayList<>();
            for (Future<List<Long>> future : futures) {
                nanos.addAll(future.get());
            }
            long[] each = nanos.stream().flatMapToLong(LongStream::of).toArray();
            return Sample.of(each, System.nanoTime() - begun);
        } finally {
            for (Caller caller : all) {
                caller.close();
            }
        }
    }

    private static List<Long> until(long end, Caller caller) throws Exception {
        List<Long> nanos = new ArrayList<>();
        long now = System.nanoTime();
        while (now < end) {
            caller.call();
            long after = System.nanoTime();
            nanos.add(after - now);
            now = after;
        }
        return nanos;
    }
}

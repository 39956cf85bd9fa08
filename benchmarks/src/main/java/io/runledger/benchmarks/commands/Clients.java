package io.runledger.benchmarks.commands;

import io.runledger.benchmarks.Sample;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/** Many callers at once, each of which waits for one answer before it asks again. */
public final class Clients {

    private Clients() {}

    /** What one caller does over and over; it may keep what belongs to it. */
    public interface Caller {

        /** One operation, durable when it returns. */
        void call() throws Exception;

        /** Gives back what it has kept. */
        default void close() throws SQLException {}
    }

    /** Makes a caller. */
    public interface Callers {

        /** One more. */
        Caller caller() throws Exception;
    }

    /**
     * Lets so many callers call for so long, all beginning at once. Each has a thread of the system, which waits for a socket
     * at the least cost.
     */
    public static Sample run(int count, Duration length, Callers callers) throws Exception {
        return run(count, length, callers, Thread.ofPlatform().factory());
    }

    /** Like {@link #run(int, Duration, Callers)} on virtual threads: for callers inside the ledger, and for drivers of databases. */
    public static Sample runVirtual(int count, Duration length, Callers callers) throws Exception {
        return run(count, length, callers, Thread.ofVirtual().factory());
    }

    private static Sample run(int count, Duration length, Callers callers, ThreadFactory threads) throws Exception {
        return run(count, callers, threads, (_, caller, begun) -> until(begun + length.toNanos(), caller));
    }

    /** Lets so many callers make so many calls each, evenly, so many a second altogether; late ones are made up for. */
    public static Sample pace(int count, int callsEach, long perSecond, Callers callers) throws Exception {
        double apart = count * 1e9 / perSecond;
        return run(count, callers, Thread.ofPlatform().factory(), (place, caller, begun) -> {
            List<Long> nanos = new ArrayList<>();
            for (int call = 0; call < callsEach; call++) {
                long due = begun + (long) (apart * (call + (double) place / count));
                for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
                    LockSupport.parkNanos(early);
                }
                caller.call();
                nanos.add(System.nanoTime() - due);
            }
            return nanos;
        });
    }

    private interface Shift {

        /** How long each call of this caller took. */
        List<Long> work(int place, Caller caller, long begun) throws Exception;
    }

    private static Sample run(int count, Callers callers, ThreadFactory factory, Shift shift) throws Exception {
        List<Caller> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(factory)) {
            for (int i = 0; i < count; i++) {
                all.add(callers.caller());
            }
            long begun = System.nanoTime();
            List<Future<List<Long>>> futures = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int place = i;
                futures.add(threads.submit(() -> shift.work(place, all.get(place), begun)));
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

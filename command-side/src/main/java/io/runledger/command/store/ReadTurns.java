package io.runledger.command.store;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/**
 * Turns at reading, for who has many commands under way at once: each of them may have to look something up, and all of
 * them together would take every connection of the node's pool and keep others, and each other, waiting for longer than
 * they may.
 */
public final class ReadTurns {

    private static final ScopedValue<ReadTurns> CURRENT = ScopedValue.newInstance();

    private final Semaphore turns;
    private volatile @Nullable DataAccessException failure;

    /**
     * @param atOnce reads
     */
    public ReadTurns(int atOnce) {
        this.turns = new Semaphore(atOnce, true);
    }

    /** Does this; what it reads of the ledger on this thread is read in turn. */
    public <T> T during(Supplier<T> work) {
        return ScopedValue.where(CURRENT, this).call(work::get);
    }

    /** Reads, when it is its turn if the thread must wait for one. */
    static <T> T read(Supplier<T> question) {
        return CURRENT.isBound() ? CURRENT.get().inTurn(question) : question.get();
    }

    private <T> T inTurn(Supplier<T> question) {
        DataAccessException before = failure;
        turns.acquireUninterruptibly();
        try {
            DataAccessException now = failure;
            if (now != null && !now.equals(before)) {
                // Each would wait for a connection as long as that one did, and a thousand of them one after another.
                throw now;
            }
            return question.get();
        } catch (DataAccessException e) {
            failure = e;
            throw e;
        } finally {
            turns.release();
        }
    }
}

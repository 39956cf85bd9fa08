package io.runledger.command.work;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Looks for something to do, again and again on a thread of its own, and at once when it is called. */
public abstract class Lookout implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Lookout.class);
    private static final Duration STOP = Duration.ofSeconds(5);

    private final String name;
    private final Duration pause;
    private final Semaphore called = new Semaphore(0);
    private volatile boolean running;
    private @Nullable Thread thread;

    /** Between two looks it pauses so long at most. */
    protected Lookout(String name, Duration pause) {
        this.name = name;
        this.pause = pause;
    }

    /** Does what there is to do; returns when it is done, or when it is not running any more. */
    protected abstract void look();

    /** Lets it look at once. */
    public final void call() {
        called.release();
    }

    private void run() {
        while (running) {
            try {
                look();
            } catch (RuntimeException e) {
                // Whatever it is, the next look may do better, and a ledger that does not look any more is of no use.
                LOG.warn("{} cannot look for what is to be done, trying again: {}", name, e.toString());
                LOG.debug("{} cannot look for what is to be done", name, e);
            }
            try {
                if (called.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    called.drainPermits();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public synchronized void start() {
        running = true;
        thread = Thread.ofPlatform().name(name).daemon().start(this::run);
    }

    /** Lets the look that is under way come to its end. */
    @Override
    public synchronized void stop() {
        running = false;
        called.release();
        Thread looking = thread;
        thread = null;
        if (looking != null) {
            try {
                looking.join(STOP);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}

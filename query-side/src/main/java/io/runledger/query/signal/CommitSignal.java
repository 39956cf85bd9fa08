package io.runledger.query.signal;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Wakes this node up when any node has appended events: listens on one connection of its own, and opens another one when
 * it breaks. A signal may come for nothing, and while the connection is away none comes, so listeners look by themselves
 * from time to time.
 */
public final class CommitSignal implements SmartLifecycle {

    /** What the append statement notifies for every append. */
    public static final String CHANNEL = "runledger_event";

    private static final Logger LOG = LoggerFactory.getLogger(CommitSignal.class);

    /** After so long without a signal the connection is tried: a peer that vanished says nothing by itself. */
    private static final int LISTEN_MILLIS = 1_000;

    private static final int ANSWER_MILLIS = 5_000;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final SignalConnections connections;
    private final Map<String, List<Consumer<String>>> listeners =
            new ConcurrentHashMap<>(Map.of(CHANNEL, new CopyOnWriteArrayList<>()));
    private volatile boolean running;
    private volatile boolean listening;
    private @Nullable Thread thread;

    public CommitSignal(SignalConnections connections) {
        this.connections = connections;
    }

    /** Has this called after commits, on the listening thread: it must be quick and must not throw. */
    public void onCommit(Runnable listener) {
        on(CHANNEL, listener);
    }

    /** Like {@link #onCommit}, after those commits only that notified this channel; to be asked for before the start. */
    public void on(String channel, Runnable listener) {
        onMessage(channel, _ -> listener.run());
    }

    /** Like {@link #on}, with what the notification says; an empty text when any may have been missed. */
    public void onMessage(String channel, Consumer<String> listener) {
        listeners.computeIfAbsent(channel, _ -> new CopyOnWriteArrayList<>()).add(listener);
    }

    /** What a notification says on a channel. */
    private record Message(String channel, String text) {}

    /** Whether commits are heard right now. */
    public boolean isListening() {
        return listening;
    }

    @Override
    public synchronized void start() {
        running = true;
        thread = Thread.ofVirtual().name("commit-signal").start(this::run);
    }

    @Override
    public synchronized void stop() {
        running = false;
        Thread listener = thread;
        thread = null;
        if (listener != null) {
            // Reading a socket on a virtual thread ends at once when the thread is interrupted.
            listener.interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        while (goesOn()) {
            try (Connection connection = connections.open()) {
                connection.setNetworkTimeout(Runnable::run, ANSWER_MILLIS);
                try (Statement statement = connection.createStatement()) {
                    for (String channel : listeners.keySet()) {
                        statement.execute("listen " + channel);
                    }
                    pause = FIRST_PAUSE;
                    listening = true;
                    // What was committed while nobody listened is found by looking once.
                    signal(listeners.keySet().stream()
                            .map(channel -> new Message(channel, ""))
                            .collect(Collectors.toSet()));
                    listen(connection.unwrap(PGConnection.class), statement);
                }
            } catch (SQLException | RuntimeException e) {
                if (goesOn()) {
                    LOG.debug("not listening for commits, trying again in {}", pause, e);
                }
            } finally {
                listening = false;
            }
            LockSupport.parkNanos(pause.toNanos());
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private void listen(PGConnection connection, Statement statement) throws SQLException {
        while (goesOn()) {
            PGNotification[] notifications = connection.getNotifications(LISTEN_MILLIS);
            if (notifications != null && notifications.length > 0) {
                signal(Arrays.stream(notifications)
                        .map(notification -> new Message(notification.getName(), notification.getParameter()))
                        .collect(Collectors.toSet()));
            } else if (goesOn()) {
                statement.execute("select 1");
            }
        }
    }

    private void signal(Set<Message> messages) {
        messages.forEach(message -> listeners
                .getOrDefault(message.channel(), List.of())
                .forEach(listener -> listener.accept(message.text())));
    }

    private boolean goesOn() {
        return running && !Thread.currentThread().isInterrupted();
    }
}

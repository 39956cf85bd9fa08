package io.runledger.query.signal;

import io.runledger.api.RecentRecord;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
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

    /** What the append statement notifies for every append, while other nodes listen. */
    public static final String CHANNEL = "runledger_event";

    private static final Logger LOG = LoggerFactory.getLogger(CommitSignal.class);

    /** What a node notifies that has begun to listen, so that the others notify it from then on. */
    private static final String GREETING = "runledger_node";

    /** Who else listens to this database; also tells that the connection lives, for a peer that vanished says nothing. */
    private static final String OTHERS = """
            select exists (select from pg_stat_activity where datname = current_database()
                and application_name = current_setting('application_name') and pid <> pg_backend_pid())""";

    /** How often that is asked. */
    private static final int LISTEN_MILLIS = 1_000;

    private static final int ANSWER_MILLIS = 5_000;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final SignalConnections connections;
    private final Map<String, List<Consumer<String>>> listeners =
            new ConcurrentHashMap<>(Map.of(CHANNEL, new CopyOnWriteArrayList<>()));
    private volatile boolean running;
    private volatile boolean listening;
    private volatile boolean alone;
    private @Nullable Thread thread;

    public CommitSignal(SignalConnections connections) {
        this.connections = connections;
        on(GREETING, () -> alone = false);
    }

    /**
     * Has this called after commits: of this node's own by who wrote, of others' on the listening thread. It must be quick
     * and must not throw; to be asked for before the start.
     */
    public void onCommit(RecentRecord own, Runnable listener) {
        own.onRecord(listener);
        onMessage(CHANNEL, text -> {
            if (!own.isOwn(text)) {
                listener.run();
            }
        });
    }

    /** Like {@link #onCommit}, after those commits only that notified this channel, and always on the listening thread. */
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

    /**
     * Whether another node may listen, so that it has to be notified of what this one commits. It is found out within a
     * second, and at once when another one begins to; until then that one finds commits by looking, as when a signal is lost.
     */
    public boolean mayOthersListen() {
        return !alone;
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
                    statement.execute("notify " + GREETING);
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
                alone = false;
            }
            LockSupport.parkNanos(pause.toNanos());
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private void listen(PGConnection connection, Statement statement) throws SQLException {
        long askedAt = System.nanoTime();
        while (goesOn()) {
            signal(connection.getNotifications(LISTEN_MILLIS));
            long now = System.nanoTime();
            if (goesOn() && now - askedAt >= TimeUnit.MILLISECONDS.toNanos(LISTEN_MILLIS)) {
                askedAt = now;
                alone = !hasOthers(statement);
                // What came with the answer is waited for no more; who has begun to listen meanwhile is among it.
                signal(connection.getNotifications());
            }
        }
    }

    private static boolean hasOthers(Statement statement) throws SQLException {
        try (ResultSet answer = statement.executeQuery(OTHERS)) {
            answer.next();
            return answer.getBoolean(1);
        }
    }

    private void signal(PGNotification @Nullable [] notifications) {
        if (notifications != null) {
            signal(Arrays.stream(notifications)
                    .map(notification -> new Message(notification.getName(), notification.getParameter()))
                    .collect(Collectors.toSet()));
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

package io.runledger.server.http;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of a request that came alone: it waits for what the client sends next itself, where another request's
 * connection goes back to the thread that watches all of them, which has to be woken for that and to wake one again.
 */
final class LoneThread extends Thread {

    private static final Logger LOG = LoggerFactory.getLogger(LoneThread.class);

    private @Nullable Selector selector;

    LoneThread(Runnable work) {
        super(work, "lone-request");
        setDaemon(true);
    }

    /** Returns when there is something to read on this connection, or after so many milliseconds. */
    void await(SocketChannel connection, long mostMillis) throws IOException {
        if (selector == null) {
            selector = Selector.open();
        }
        if (connection.keyFor(selector) == null) {
            connection.register(selector, SelectionKey.OP_READ);
        }
        selector.select(_ -> {}, mostMillis);
    }

    /** Leaves all connections to others. A connection is closed in full only when no selector has it any more. */
    void letGo() {
        if (selector == null || selector.keys().isEmpty()) {
            return;
        }
        try {
            selector.keys().forEach(SelectionKey::cancel);
            selector.selectNow();
        } catch (IOException e) {
            LOG.warn("a connection could not be given back", e);
        }
    }

    @Override
    public void run() {
        try {
            super.run();
        } finally {
            close();
        }
    }

    private void close() {
        try {
            if (selector != null) {
                selector.close();
            }
        } catch (IOException e) {
            LOG.warn("the selector of a thread that ends could not be closed", e);
        }
    }
}

package io.runledger.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The way from a ledger to its PostgreSQL, which can lose everything without a word. A connection that lived through that
 * stays dead afterwards, as when something between the two has forgotten it: neither end ever hears of the other again.
 */
final class LossyNetwork implements AutoCloseable {

    private final ServerSocket door;
    private final int target;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private volatile boolean losing;

    LossyNetwork(int target) {
        try {
            this.door = new ServerSocket(0, 4_096, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.target = target;
        Thread.ofVirtual().start(this::accept);
    }

    /** One connection. */
    private static final class Link {

        private final Socket near;
        private final Socket far;
        private volatile boolean dead;

        Link(Socket near, Socket far) {
            this.near = near;
            this.far = far;
        }

        void carry(Socket from, Socket to) {
            byte[] bytes = new byte[1 << 16];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                    if (!dead) {
                        out.write(bytes, 0, count);
                    }
                }
            } catch (IOException _) {
                // One end has gone; the other hears of it below, unless everything is lost.
            }
            if (!dead) {
                close();
            }
        }

        void close() {
            try (near;
                    far) {
                dead = true;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Where the ledger connects to. */
    int port() {
        return door.getLocalPort();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Link link = new Link(door.accept(), new Socket(InetAddress.getLoopbackAddress(), target));
                link.dead = losing;
                links.add(link);
                Thread.ofVirtual().start(() -> link.carry(link.near, link.far));
                Thread.ofVirtual().start(() -> link.carry(link.far, link.near));
            } catch (IOException e) {
                if (!door.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    /** From now on everything is lost. */
    void cut() {
        losing = true;
        links.forEach(link -> link.dead = true);
    }

    /** From now on new connections work. */
    void heal() {
        losing = false;
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        links.forEach(Link::close);
    }
}

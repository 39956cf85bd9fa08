package io.runledger.server.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * HTTP in which a client that takes nothing of its answer loses the connection after a time of its own. Tomcat has one
 * time-out for reading and writing, and a caller may well be silent for longer than it may leave an answer unread. After an
 * answer {@link RequestThreads} may wait for the next request.
 */
public final class BoundedWriteProtocol extends Http11NioProtocol {

    private final Endpoint endpoint;

    /** Made by Tomcat, by name. */
    public BoundedWriteProtocol() {
        this(new Endpoint());
    }

    private BoundedWriteProtocol(Endpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    /** With so little an answer begins; {@link AnswerBuffer} gives it what it needs. */
    @Override
    public int getDesiredBufferSize() {
        return AnswerBuffer.AT_FIRST;
    }

    /** Who answers. */
    void setThreads(RequestThreads threads) {
        endpoint.threads = threads;
        setExecutor(threads);
    }

    /** How long a write may wait for the client to take some of it. */
    void setWriteTimeout(Duration timeout) {
        endpoint.writeTimeoutMillis = timeout.toMillis();
    }

    private static final class Endpoint extends NioEndpoint {

        private volatile long writeTimeoutMillis;
        private volatile @Nullable RequestThreads threads;

        @Override
        protected NioChannel createChannel(SocketBufferHandler buffer) {
            RequestThreads answering = threads;
            return isSSLEnabled() || answering == null
                    ? super.createChannel(buffer)
                    : new Connection(buffer, answering);
        }

        @Override
        protected boolean setSocketOptions(SocketChannel socket) {
            boolean taken = super.setSocketOptions(socket);
            SocketWrapperBase<NioChannel> connection = connections.get(socket);
            // Null when the client is gone already. No request can have been answered between the two.
            if (connection != null && writeTimeoutMillis > 0) {
                connection.setWriteTimeout(writeTimeoutMillis);
            }
            return taken;
        }
    }

    /** After an answer, who reads may wait for the next request itself. */
    private static final class Connection extends NioChannel {

        private final RequestThreads threads;
        private boolean answered;

        Connection(SocketBufferHandler buffer, RequestThreads threads) {
            super(buffer);
            this.threads = threads;
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            answered = true;
            return super.write(from);
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            if (answered) {
                answered = false;
                threads.awaitNext(sc);
            }
            return super.read(into);
        }
    }
}

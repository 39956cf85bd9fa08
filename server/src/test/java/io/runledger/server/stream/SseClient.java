package io.runledger.server.stream;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One connection that follows a stream; reads only when it is told to. */
final class SseClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final int status;
    private final List<String> headers = new ArrayList<>();
    private final List<String> comments = new ArrayList<>();
    private int chunk;

    /** What came under one id. */
    record Message(long id, String event, String data) {}

    SseClient(int port, String path, int receiveBuffer, String... headers) {
        try {
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            boolean hasKey = String.join("\n", headers).contains("x-api-key");
            String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n"
                    + (hasKey ? "" : "x-api-key: " + StreamServer.KEY + "\r\n")
                    + "Accept: text/event-stream\r\n" + String.join("\r\n", headers)
                    + (headers.length == 0 ? "" : "\r\n") + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            in = new BufferedInputStream(socket.getInputStream(), 2048);
            status = Integer.parseInt(rawLine().split(" ")[1]);
            for (String line = rawLine(); !line.isEmpty(); line = rawLine()) {
                this.headers.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SseClient(int port, String path, String... headers) {
        this(port, path, 0, headers);
    }

    int status() {
        return status;
    }

    List<String> headers() {
        return headers;
    }

    List<String> comments() {
        return comments;
    }

    /** The next message; null when the server ended the stream as it should. */
    @Nullable
    Message next() throws IOException {
        long id = -1;
        String event = "";
        String data = null;
        for (String line = line(); line != null; line = line()) {
            if (line.startsWith(":")) {
                comments.add(line.substring(1).strip());
            } else if (line.startsWith("id: ")) {
                id = Long.parseLong(line.substring(4));
            } else if (line.startsWith("event: ")) {
                event = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data = line.substring(6);
            } else if (line.isEmpty() && data != null) {
                return new Message(id, event, data);
            }
        }
        return null;
    }

    /** Takes in at most so many bytes, and nothing that is not there yet. */
    void discard(int bytes) {
        try {
            in.skipNBytes(Math.min(bytes, in.available()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable String line() throws IOException {
        var bytes = new java.io.ByteArrayOutputStream();
        for (int next = read(); next >= 0; next = read()) {
            if (next == '\n') {
                return bytes.toString(StandardCharsets.UTF_8);
            }
            bytes.write(next);
        }
        return null;
    }

    /** The next byte of the body, out of its chunks; -1 after the last chunk. */
    private int read() throws IOException {
        if (chunk == 0) {
            chunk = Integer.parseInt(rawLine(), 16);
            if (chunk == 0) {
                return -1;
            }
        }
        int next = in.read();
        if (next < 0) {
            throw new EOFException("the connection broke");
        }
        if (--chunk == 0) {
            rawLine();
        }
        return next;
    }

    private String rawLine() throws IOException {
        var line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection broke");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

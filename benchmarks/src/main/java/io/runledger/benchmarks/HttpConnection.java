package io.runledger.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** A kept connection and nothing around it, as pgbench has one: the client shares the processors with what it measures. */
final class HttpConnection implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;
    private final byte[] buffer = new byte[16 << 10];
    private int next;
    private int end;
    private long lastUsed = System.nanoTime();

    HttpConnection(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
    }

    /** The body is read to its end before the next request is sent. */
    record Answer(int status, InputStream body) {

        boolean isGood() {
            return status / 100 == 2;
        }

        String text() throws IOException {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** After so long without a byte, reading fails; 0 for never. */
    void setMostSilence(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    boolean hasRested(Duration longerThan) {
        return System.nanoTime() - lastUsed > longerThan.toNanos();
    }

    /** Sends a request in one piece; of the headers each has its own line. */
    Answer send(String method, String path, String headers, byte[] body) throws IOException {
        String head = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length + "\r\n"
                + headers + "\r\n";
        ByteArrayOutputStream request = new ByteArrayOutputStream(head.length() + body.length);
        request.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        request.writeBytes(body);
        request.writeTo(socket.getOutputStream());
        return answer();
    }

    private Answer answer() throws IOException {
        int status = Integer.parseInt(line().split(" ", 3)[1]);
        long length = 0;
        boolean chunked = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            int colon = header.indexOf(':');
            String value = header.substring(colon + 1).strip();
            switch (header.substring(0, colon).toLowerCase(Locale.ROOT)) {
                case "content-length" -> length = Long.parseLong(value);
                case "transfer-encoding" -> chunked = value.equalsIgnoreCase("chunked");
                default -> {}
            }
        }
        lastUsed = System.nanoTime();
        return new Answer(status, new Body(chunked, length));
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            require();
            char c = (char) (buffer[next++] & 0xff);
            if (c == '\n') {
                line.setLength(line.length() - 1);
                return line.toString();
            }
            line.append(c);
        }
    }

    /** Waits for at least one byte. */
    private void require() throws IOException {
        if (next == end) {
            next = 0;
            end = Math.max(0, in.read(buffer));
            if (end == 0) {
                throw new EOFException("The ledger has closed the connection.");
            }
        }
    }

    /** What is left of an answer: of a known length, or in chunks. */
    private final class Body extends InputStream {

        private final boolean chunked;
        private boolean ended;

        /** Of all, or of the chunk. */
        private long left;

        Body(boolean chunked, long length) {
            this.chunked = chunked;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int most) throws IOException {
            if (left == 0 && chunked && !ended) {
                left = Long.parseLong(line(), 16);
                ended = left == 0;
                if (ended) {
                    line();
                }
            }
            if (left == 0) {
                return -1;
            }
            require();
            int count = (int) Math.min(Math.min(most, left), end - next);
            System.arraycopy(buffer, next, into, from, count);
            next += count;
            left -= count;
            if (left == 0 && chunked) {
                line();
            }
            return count;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

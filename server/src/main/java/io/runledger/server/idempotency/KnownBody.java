package io.runledger.server.idempotency;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;

/** A request whose body was read, so that it can be told from others before it is carried out. */
final class KnownBody extends HttpServletRequestWrapper {

    private final byte[] body;

    private KnownBody(HttpServletRequest request, byte[] body) {
        super(request);
        this.body = body;
    }

    /**
     * Reads the body.
     *
     * @throws Problem when it has more bytes than this
     */
    static KnownBody of(HttpServletRequest request, int maxBytes) throws IOException {
        byte[] body = request.getInputStream().readNBytes(maxBytes + 1);
        if (body.length > maxBytes) {
            throw new Problem(
                    ProblemCode.TOO_LARGE,
                    "With an Idempotency-Key at most " + maxBytes
                            + " bytes are taken; a larger batch is made once by its key and command_id.");
        }
        return new KnownBody(request, body);
    }

    /** SHA-256 of what is asked: method, address and body. */
    byte[] fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            String address =
                    getMethod() + " " + getRequestURI() + "?" + Objects.requireNonNullElse(getQueryString(), "");
            digest.update(address.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            return digest.digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public ServletInputStream getInputStream() {
        ByteArrayInputStream in = new ByteArrayInputStream(body);
        return new ServletInputStream() {
            @Override
            public int read() {
                return in.read();
            }

            @Override
            public int read(byte[] bytes, int from, int length) {
                return in.read(bytes, from, length);
            }

            @Override
            public boolean isFinished() {
                return in.available() == 0;
            }

            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public void setReadListener(ReadListener listener) {
                throw new UnsupportedOperationException("Bodies are read on the thread of their request.");
            }
        };
    }
}

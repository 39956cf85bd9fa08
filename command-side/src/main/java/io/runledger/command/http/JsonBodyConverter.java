package io.runledger.command.http;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.command.json.JsonBodies;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;

/** Reads the bodies of commands in Spring's stead: strictly, within limits, with all errors at once. */
final class JsonBodyConverter extends AbstractHttpMessageConverter<Record> {

    /** Every record of ours that is a body is read here, so none is ever read leniently. */
    private static final String OURS = "io.runledger.";

    private final JsonBodies bodies;
    private final BatchBodies batches;
    private final int maxBytes;

    JsonBodyConverter(JsonBodies bodies, BatchBodies batches, int maxBytes) {
        super(MediaType.APPLICATION_JSON);
        this.bodies = bodies;
        this.batches = batches;
        this.maxBytes = maxBytes;
    }

    @Override
    protected boolean supports(Class<?> type) {
        return type.isRecord() && type.getName().startsWith(OURS);
    }

    @Override
    protected boolean canWrite(@org.jspecify.annotations.Nullable MediaType mediaType) {
        return false;
    }

    @Override
    protected Record readInternal(Class<? extends Record> type, HttpInputMessage request) throws IOException {
        requirePlainUtf8(request.getHeaders());
        long length = request.getHeaders().getContentLength();
        boolean mayBeLarge = type == Bodies.Create.class;
        long most = mayBeLarge ? batches.mostBytes() : maxBytes;
        if (length > most) {
            throw tooLarge(most);
        }
        InputStream body = request.getBody();
        byte[] bytes = body.readNBytes(length < 0 ? maxBytes + 1 : (int) Math.min(length, maxBytes + 1L));
        if (bytes.length > maxBytes) {
            if (mayBeLarge) {
                return batches.read(new SequenceInputStream(new ByteArrayInputStream(bytes), body));
            }
            throw tooLarge(maxBytes);
        }
        String text = Utf8.decode(bytes, bytes.length);
        return type == LogBodies.Lines.class
                ? new LogBodies.Lines(bodies.readAll(LogBodies.Line.class, text))
                : bodies.read(type, text);
    }

    /** Refuses a body in another charset, or a compressed one. */
    static void requirePlainUtf8(HttpHeaders headers) {
        MediaType contentType = headers.getContentType();
        Charset charset = contentType == null ? null : contentType.getCharset();
        if (charset != null && !charset.equals(StandardCharsets.UTF_8)) {
            throw new Problem(ProblemCode.UNSUPPORTED_MEDIA_TYPE, "Send the body in UTF-8.");
        }
        List<String> encodings = headers.getOrEmpty(HttpHeaders.CONTENT_ENCODING);
        if (!encodings.isEmpty() && !encodings.equals(List.of("identity"))) {
            throw new Problem(ProblemCode.UNSUPPORTED_MEDIA_TYPE, "Send the body without a Content-Encoding.");
        }
    }

    static Problem tooLarge(long maxBytes) {
        return new Problem(ProblemCode.TOO_LARGE, "At most " + maxBytes + " bytes are taken here.");
    }

    @Override
    protected void writeInternal(Record body, HttpOutputMessage response) {
        throw new UnsupportedOperationException("Command bodies are only read.");
    }
}

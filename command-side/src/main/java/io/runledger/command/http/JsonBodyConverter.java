package io.runledger.command.http;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.command.json.JsonBodies;
import java.io.IOException;
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

    private final JsonBodies bodies;
    private final int maxBytes;

    JsonBodyConverter(JsonBodies bodies, int maxBytes) {
        super(MediaType.APPLICATION_JSON);
        this.bodies = bodies;
        this.maxBytes = maxBytes;
    }

    @Override
    protected boolean supports(Class<?> type) {
        return type.isRecord() && type.getEnclosingClass() == Bodies.class;
    }

    @Override
    protected boolean canWrite(@org.jspecify.annotations.Nullable MediaType mediaType) {
        return false;
    }

    @Override
    protected Record readInternal(Class<? extends Record> type, HttpInputMessage request) throws IOException {
        requirePlainUtf8(request.getHeaders());
        long length = request.getHeaders().getContentLength();
        if (length > maxBytes) {
            throw tooLarge(maxBytes);
        }
        byte[] bytes = request.getBody().readNBytes(length < 0 ? maxBytes + 1 : (int) length);
        if (bytes.length > maxBytes) {
            throw tooLarge(maxBytes);
        }
        return bodies.read(type, Utf8.decode(bytes, bytes.length));
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

    static Problem tooLarge(int maxBytes) {
        return new Problem(ProblemCode.TOO_LARGE, "At most " + maxBytes + " bytes are taken here.");
    }

    @Override
    protected void writeInternal(Record body, HttpOutputMessage response) {
        throw new UnsupportedOperationException("Command bodies are only read.");
    }
}

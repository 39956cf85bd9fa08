package io.runledger.server.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import tools.jackson.databind.json.JsonMapper;

/** Writes answers as Spring would, but short ones with their length and at once, not in a first and a last piece. */
final class AnswerConverter extends AbstractHttpMessageConverter<Record> {

    private static final String OURS = "io.runledger.";

    /** What is written beyond this goes out as it comes: memory does not grow with answers. */
    private static final int SHORT_BYTES = 16 << 10;

    private final JsonMapper mapper;

    AnswerConverter(JsonMapper mapper) {
        super(MediaType.APPLICATION_JSON);
        this.mapper = mapper;
    }

    @Override
    protected boolean supports(Class<?> type) {
        return type.isRecord() && type.getName().startsWith(OURS);
    }

    @Override
    protected boolean canRead(@Nullable MediaType mediaType) {
        return false;
    }

    /** Another encoding, for whoever asks for it, is left to Spring. */
    @Override
    protected boolean canWrite(@Nullable MediaType mediaType) {
        Charset charset = mediaType == null ? null : mediaType.getCharset();
        return super.canWrite(mediaType) && (charset == null || charset.equals(StandardCharsets.UTF_8));
    }

    @Override
    protected Record readInternal(Class<? extends Record> type, HttpInputMessage request) {
        throw new UnsupportedOperationException("Answers are only written.");
    }

    @Override
    protected void writeInternal(Record answer, HttpOutputMessage response) throws IOException {
        Beginning out = new Beginning(response);
        mapper.writeValue(out, answer);
        out.end();
    }

    /** Keeps what is written until it is known to be all, or to be long. */
    private static final class Beginning extends OutputStream {

        private final HttpOutputMessage response;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream(2 << 10);
        private @Nullable OutputStream rest;

        Beginning(HttpOutputMessage response) {
            this.response = response;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            if (rest == null && kept.size() + count > SHORT_BYTES) {
                rest = response.getBody();
                kept.writeTo(rest);
            }
            if (rest == null) {
                kept.write(bytes, from, count);
            } else {
                rest.write(bytes, from, count);
            }
        }

        void end() throws IOException {
            if (rest == null) {
                response.getHeaders().setContentLength(kept.size());
                kept.writeTo(response.getBody());
            }
        }
    }
}

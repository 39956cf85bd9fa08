package io.runledger.server.limits;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/** What kind of request it is; each kind is limited by itself. */
enum Traffic {
    READING,
    WRITING,
    /** Answers, or bodies, that go on and on. */
    STREAMING;

    private static final String EXPORT = "/v1/export";
    private static final String COMMANDS = "/v1/commands";

    private final String wireName = name().toLowerCase(Locale.ROOT);

    static Traffic of(HttpServletRequest request) {
        String path = request.getRequestURI();
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        if (path.equals(EXPORT)
                || path.equals(COMMANDS)
                || accept != null && accept.contains(MediaType.TEXT_EVENT_STREAM_VALUE)) {
            return STREAMING;
        }
        return switch (request.getMethod()) {
            case "GET", "HEAD", "OPTIONS" -> READING;
            default -> WRITING;
        };
    }

    String wireName() {
        return wireName;
    }
}

package io.runledger.server.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * Gives every answer but a stream a buffer for bytes, in which it finds out its length. Tomcat has one size for this buffer and
 * for one of characters, twice as many bytes, and keeps both while a stream is open, which needs neither.
 */
final class AnswerBuffer extends ValveBase {

    /** So many bytes, and so many characters; Tomcat keeps a buffer that was made up to sixteen times as large. */
    static final int AT_FIRST = 1 << 10;

    private static final int BYTES = 8 << 10;

    AnswerBuffer() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        if (!MediaType.TEXT_EVENT_STREAM_VALUE.equals(request.getHeader(HttpHeaders.ACCEPT))) {
            response.setBufferSize(BYTES);
        }
        getNext().invoke(request, response);
    }
}

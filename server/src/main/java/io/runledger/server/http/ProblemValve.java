package io.runledger.server.http;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;

/** What Tomcat says when it refuses a request before any of our code runs; without this it would be HTML. */
public final class ProblemValve extends ErrorReportValve {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemValve.class);

    @Override
    protected void report(Request request, Response response, @Nullable Throwable throwable) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        // Above 500 stands what the request asks of HTTP and cannot have, such as another version of it.
        String code = status == 500 ? "internal_error" : "bad_request";
        String body = """
                {"type":"urn:runledger:problem:%s","title":"The request could not be taken","status":%d,\
                "detail":"The HTTP request itself is malformed or too large.","code":"%s"}""".formatted(code, status, code);
        try {
            response.setContentType("application/problem+json");
            // No filter has seen this answer.
            response.setHeader("X-Content-Type-Options", "nosniff");
            response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
            response.getReporter().write(body);
            response.finishResponse();
        } catch (IOException e) {
            LOG.debug("client gone", e);
        }
    }
}

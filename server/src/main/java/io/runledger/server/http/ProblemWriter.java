package io.runledger.server.http;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Writes problem documents (RFC 9457), whatever the request said it accepts. */
@Component
public final class ProblemWriter {

    private static final String RETRY_AFTER_SECONDS = "1";

    private final JsonMapper mapper;

    /** Writes with this mapper. */
    public ProblemWriter(JsonMapper mapper) {
        this.mapper = mapper;
    }

    /** Answers the request with this problem; does nothing when an answer is already on its way. */
    public void write(Problem problem, HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (response.isCommitted()) {
            return;
        }
        request.setAttribute(Problem.CODE_ATTRIBUTE, problem.code());
        response.resetBuffer();
        response.setStatus(problem.code().status());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        boolean passes = problem.code() == ProblemCode.UNAVAILABLE || problem.code() == ProblemCode.TOO_MANY_REQUESTS;
        if (passes && !response.containsHeader(HttpHeaders.RETRY_AFTER)) {
            response.setHeader(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        response.getOutputStream().write(mapper.writeValueAsBytes(problem.document(path(request))));
        response.flushBuffer();
    }

    private static String path(HttpServletRequest request) {
        Object original = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        return original == null ? request.getRequestURI() : original.toString();
    }
}

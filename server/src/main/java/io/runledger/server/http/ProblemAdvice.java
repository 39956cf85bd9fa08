package io.runledger.server.http;

import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** Turns whatever stopped a request into a problem document that says what to do, and nothing of the inside. */
@RestControllerAdvice
class ProblemAdvice {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

    private final ProblemWriter writer;

    ProblemAdvice(ProblemWriter writer) {
        this.writer = writer;
    }

    @ExceptionHandler
    void refused(Problem problem, HttpServletRequest request, HttpServletResponse response) throws IOException {
        writer.write(problem, request, response);
    }

    @ExceptionHandler
    void unreadable(HttpMessageNotReadableException e, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Throwable cause = e.getCause();
        writer.write(
                cause instanceof Problem problem
                        ? problem
                        : Problem.badRequest("", "a JSON object is required as the body"),
                request,
                response);
    }

    @ExceptionHandler
    void unsupported(HttpMediaTypeNotSupportedException e, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        response.setHeader(HttpHeaders.ACCEPT, MediaType.toString(e.getSupportedMediaTypes()));
        writer.write(
                new Problem(
                        ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                        "Send the body as " + MediaType.toString(e.getSupportedMediaTypes()) + ", in UTF-8."),
                request,
                response);
    }

    @ExceptionHandler
    void notAcceptable(HttpMediaTypeNotAcceptableException e, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        writer.write(
                new Problem(
                        ProblemCode.NOT_ACCEPTABLE,
                        "This can be had as " + MediaType.toString(e.getSupportedMediaTypes()) + "."),
                request,
                response);
    }

    @ExceptionHandler
    void wrongMethod(HttpRequestMethodNotSupportedException e, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        String allowed = String.join(", ", e.getSupportedMethods() == null ? new String[0] : e.getSupportedMethods());
        response.setHeader(HttpHeaders.ALLOW, allowed);
        writer.write(new Problem(ProblemCode.METHOD_NOT_ALLOWED, "Allowed here: " + allowed + "."), request, response);
    }

    @ExceptionHandler
    void unknownRoute(NoResourceFoundException e, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        writer.write(
                new Problem(ProblemCode.NOT_FOUND, "There is no such address; /docs shows those there are."),
                request,
                response);
    }

    @ExceptionHandler
    void missingParameter(
            MissingServletRequestParameterException e, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        writer.write(Problem.badRequest(e.getParameterName(), "is required"), request, response);
    }

    @ExceptionHandler
    void unreadableQuery(InvalidParameterException e, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        LOG.debug("unreadable query", e);
        writer.write(
                new Problem(
                        ProblemCode.BAD_REQUEST,
                        "The query cannot be read: write name=value&name=value, in UTF-8, percent-encoded."),
                request,
                response);
    }

    @ExceptionHandler
    void wrongParameter(MethodArgumentTypeMismatchException e, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        writer.write(Problem.badRequest(e.getName(), "is not of the right form"), request, response);
    }

    @ExceptionHandler({
        DataAccessResourceFailureException.class,
        TransientDataAccessException.class,
        RecoverableDataAccessException.class,
        CannotCreateTransactionException.class
    })
    void storeAway(Exception e, HttpServletRequest request, HttpServletResponse response) throws IOException {
        LOG.warn("{} {}: the database cannot answer: {}", request.getMethod(), request.getRequestURI(), e.getMessage());
        writer.write(
                new Problem(
                        ProblemCode.UNAVAILABLE,
                        "The database cannot answer right now. Whether the command was carried out is not known; send"
                                + " it again with its command_id."),
                request,
                response);
    }

    /** The client is gone; there is nobody to tell. */
    @ExceptionHandler({AsyncRequestNotUsableException.class, ClientAbortException.class})
    void clientGone(IOException e) {
        LOG.debug("client gone", e);
    }

    @ExceptionHandler
    void failed(Exception e, HttpServletRequest request, HttpServletResponse response) throws IOException {
        Object id = request.getAttribute(Caller.REQUEST_ID_ATTRIBUTE);
        LOG.error("request {} failed: {} {}", id, request.getMethod(), request.getRequestURI(), e);
        writer.write(
                new Problem(
                        ProblemCode.INTERNAL_ERROR,
                        "This is a fault of the ledger, and it is logged. Tell its operator the request id.",
                        List.of(),
                        Map.of("request_id", String.valueOf(id))),
                request,
                response);
    }
}

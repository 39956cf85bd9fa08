package io.runledger.server.idempotency;

import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.Ulid;
import io.runledger.command.http.HttpLimits;
import io.runledger.command.idempotency.Claim;
import io.runledger.command.idempotency.IdempotentRequests;
import io.runledger.server.http.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;
import org.springframework.web.util.WebUtils;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Carries a POST with an Idempotency-Key out once, and gives its answer to all who send it again. A request without the
 * header passes untouched.
 */
final class IdempotencyFilter extends OncePerRequestFilter {

    static final String HEADER = "Idempotency-Key";
    static final String REPLAYED = "Idempotency-Replayed";

    /** A stream of commands has no end and no answer that could be kept; its lines have their own ids. */
    private static final String STREAM = "/v1/commands";

    private static final Logger LOG = LoggerFactory.getLogger(IdempotencyFilter.class);
    private static final Pattern KEY = Pattern.compile("[!-~]{1,255}");
    private static final TypeReference<Map<String, String>> HEADERS = new TypeReference<>() {};
    private static final List<String> KEPT_HEADERS = List.of(
            HttpHeaders.CONTENT_TYPE,
            HttpHeaders.LOCATION,
            HttpHeaders.ETAG,
            HttpHeaders.VARY,
            "Ledger-Position",
            "Preference-Applied");

    private final IdempotentRequests requests;
    private final ProblemWriter problems;
    private final JsonMapper mapper;
    private final int maxBytes;

    IdempotencyFilter(IdempotentRequests requests, ProblemWriter problems, JsonMapper mapper, HttpLimits limits) {
        this.requests = requests;
        this.problems = problems;
        this.mapper = mapper;
        this.maxBytes = limits.maxBodyBytes();
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getMethod().equals("POST") || request.getHeader(HEADER) == null;
    }

    /** An answer that was waited for comes in a dispatch of its own. */
    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (isAsyncDispatch(request)) {
            carryOut(request, response, chain);
            return;
        }
        Caller caller = (Caller) request.getAttribute(Caller.ATTRIBUTE);
        if (caller == null) {
            chain.doFilter(request, response);
            return;
        }
        KnownBody known;
        Claim claim;
        try {
            String key = key(request);
            known = KnownBody.of(request, maxBytes);
            claim = requests.claim(caller.project(), key, known.fingerprint());
        } catch (Problem refused) {
            problems.write(refused, request, response);
            return;
        } catch (DataAccessException e) {
            LOG.warn("no Idempotency-Key can be looked up: {}", e.getMessage());
            problems.write(unavailable(), request, response);
            return;
        }
        switch (claim) {
            case Claim.Mine mine -> {
                known.setAttribute(Claim.ATTRIBUTE, mine);
                carryOut(known, new ContentCachingResponseWrapper(response), chain);
            }
            case Claim.Answered answered -> replay(answered, request, response);
            case Claim.UnderWay _ ->
                problems.write(
                        new Problem(
                                ProblemCode.CONFLICT,
                                "The first request with this Idempotency-Key is still under way; send it again later."),
                        request,
                        response);
            case Claim.OtherRequest _ ->
                problems.write(
                        new Problem(
                                ProblemCode.IDEMPOTENCY_KEY_REUSED,
                                "This Idempotency-Key came with another request before; make a new one for each."),
                        request,
                        response);
        }
    }

    private static String key(HttpServletRequest request) {
        if (request.getRequestURI().equals(STREAM)) {
            throw Problem.badRequest(HEADER, "is not taken here: give each line its own command_id");
        }
        String key = request.getHeader(HEADER);
        if (!KEY.matcher(key).matches()) {
            throw Problem.badRequest(HEADER, "must be 1 to 255 visible ASCII characters without spaces");
        }
        return key;
    }

    private static Problem unavailable() {
        return new Problem(ProblemCode.UNAVAILABLE, "The database cannot answer right now; nothing was carried out.");
    }

    private void carryOut(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Claim.Mine mine = (Claim.Mine) request.getAttribute(Claim.ATTRIBUTE);
        boolean answered = false;
        try {
            chain.doFilter(request, response);
            answered = true;
        } finally {
            if (!answered && mine != null) {
                requests.abandon(mine.id());
            }
        }
        ContentCachingResponseWrapper kept = WebUtils.getNativeResponse(response, ContentCachingResponseWrapper.class);
        if (!isAsyncStarted(request) && kept != null && mine != null) {
            end(mine.id(), request, kept);
            kept.copyBodyToResponse();
        }
    }

    /** The answer is kept before it is given. */
    private void end(UUID id, HttpServletRequest request, ContentCachingResponseWrapper response) {
        try {
            if (!isDecided(request, response.getStatus())) {
                requests.release(id);
            } else if (request.getAttribute(Claim.NOT_KEPT_ATTRIBUTE) == null) {
                requests.answer(id, response.getStatus(), headers(response), response.getContentAsByteArray());
            } else {
                requests.answer(id, response.getStatus(), "{}", null);
            }
        } catch (DataAccessException e) {
            LOG.warn("the answer to an idempotent request is not kept: {}", e.getMessage());
            requests.abandon(id);
        }
    }

    /** Whether the ledger has said yes or no to what was asked, rather than that it was asked wrongly, or too soon. */
    private static boolean isDecided(HttpServletRequest request, int status) {
        boolean lostRace = request.getAttribute(Problem.CODE_ATTRIBUTE) == ProblemCode.CONFLICT
                && request.getAttribute(Claim.NOT_KEPT_ATTRIBUTE) == null;
        return status / 100 == 2 || !lostRace && (status == 404 || status == 409 || status == 412);
    }

    private String headers(HttpServletResponse response) {
        Map<String, String> headers = new LinkedHashMap<>();
        KEPT_HEADERS.forEach(name -> {
            String value = name.equals(HttpHeaders.CONTENT_TYPE) ? response.getContentType() : response.getHeader(name);
            if (value != null) {
                headers.put(name, value);
            }
        });
        return mapper.writeValueAsString(headers);
    }

    private void replay(Claim.Answered answered, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        byte @Nullable [] body = answered.body();
        if (body == null) {
            Problem problem = new Problem(
                    ProblemCode.CONFLICT,
                    "This was done, and its answer was shown once: it holds a secret. What it made has the id "
                            + Ulid.print(answered.id()) + ".");
            problems.write(problem, request, response);
            return;
        }
        response.setStatus(answered.status());
        mapper.readValue(answered.headers(), HEADERS)
                .forEach((name, value) -> response.setHeader(name, Objects.requireNonNull(value)));
        response.setHeader(REPLAYED, "true");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}

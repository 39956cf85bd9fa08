package io.runledger.server.limits;

import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.server.http.ProblemWriter;
import io.runledger.server.limits.RateLimits.Verdict;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/** Refuses what is too much, before it costs anything, and tells every caller how much is left. */
public final class RateLimitFilter extends OncePerRequestFilter {

    static final String POLICY = "RateLimit-Policy";
    static final String LIMIT = "RateLimit";

    private final RateLimits limits;
    private final ProblemWriter problems;

    /** A filter that stands behind the one that finds out who calls. */
    public RateLimitFilter(RateLimits limits, ProblemWriter problems) {
        this.limits = limits;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Caller caller = (Caller) request.getAttribute(Caller.ATTRIBUTE);
        if (caller == null) {
            chain.doFilter(request, response);
            return;
        }
        Verdict verdict = limits.count(caller, Traffic.of(request));
        long seconds =
                Math.max(1, TimeUnit.NANOSECONDS.toSeconds(verdict.waitNanos() + TimeUnit.SECONDS.toNanos(1) - 1));
        String policy = "\"" + verdict.policy() + "\"";
        response.setHeader(POLICY, policy + ";q=" + verdict.quota() + ";w=1");
        response.setHeader(LIMIT, policy + ";r=" + verdict.remaining() + ";t=" + seconds);
        if (!verdict.isRefused()) {
            chain.doFilter(request, response);
            return;
        }
        response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
        problems.write(
                new Problem(
                        ProblemCode.TOO_MANY_REQUESTS,
                        "More than %d requests a second (%s); wait as long as Retry-After says."
                                .formatted(verdict.quota(), verdict.policy())),
                request,
                response);
    }
}

package io.runledger.server.security;

import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.server.access.ApiKeys;
import io.runledger.server.access.AuditTrail;
import io.runledger.server.access.KeyHolder;
import io.runledger.server.http.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/** Finds out who calls, by the key in {@code x-api-key} or {@code Authorization: Bearer}, and has noted what admins do. */
final class KeyFilter extends OncePerRequestFilter {

    private static final Logger LOG = LoggerFactory.getLogger(KeyFilter.class);
    private static final String API_KEY_HEADER = "x-api-key";
    private static final String BEARER = "Bearer ";

    private final ApiKeys keys;
    private final AccessRules rules;
    private final AuditTrail trail;
    private final ProblemWriter problems;

    KeyFilter(ApiKeys keys, AccessRules rules, AuditTrail trail, ProblemWriter problems) {
        this.keys = keys;
        this.rules = rules;
        this.trail = trail;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        KeyHolder holder;
        try {
            String key = key(request);
            holder = key == null ? null : keys.holder(key);
            if (key != null && holder == null) {
                trail.refused(keys.wrong(key), request.getRemoteAddr());
            }
        } catch (DataAccessException e) {
            LOG.warn("no key can be checked: {}", e.getMessage());
            String detail = "The database cannot answer right now, so the key could not be checked.";
            problems.write(new Problem(ProblemCode.UNAVAILABLE, detail), request, response);
            return;
        }
        if (holder != null) {
            SecurityContext context = SecurityContextHolder.createEmptyContext();
            context.setAuthentication(UsernamePasswordAuthenticationToken.authenticated(
                    holder.caller().actor(), null, AccessRules.authorities(holder)));
            SecurityContextHolder.setContext(context);
            request.setAttribute(Caller.ATTRIBUTE, holder.caller());
        }
        if (holder == null || !rules.isAdministration(request)) {
            chain.doFilter(request, response);
            return;
        }
        try {
            chain.doFilter(request, response);
            note(holder, request, response.getStatus());
        } catch (AccessDeniedException refused) {
            note(holder, request, HttpServletResponse.SC_FORBIDDEN);
            throw refused;
        }
    }

    private void note(KeyHolder holder, HttpServletRequest request, int status) {
        trail.acted(
                holder.caller(),
                request.getMethod() + " " + request.getRequestURI(),
                status,
                request.getRemoteAddr(),
                String.valueOf(request.getAttribute(Caller.REQUEST_ID_ATTRIBUTE)));
    }

    private static @Nullable String key(HttpServletRequest request) {
        String key = request.getHeader(API_KEY_HEADER);
        if (key != null) {
            return key;
        }
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        return authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? authorization.substring(BEARER.length()).strip()
                : null;
    }
}

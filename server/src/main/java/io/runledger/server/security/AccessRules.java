package io.runledger.server.security;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.server.access.Call;
import io.runledger.server.access.KeyHolder;
import io.runledger.server.access.Role;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Asks the table of roles about each request. What the table does not know is refused to everybody, as if it did not
 * exist: a controller without a line in the table cannot be called.
 */
final class AccessRules implements AuthorizationManager<RequestAuthorizationContext> {

    /** Beside the roles: may make the calls that concern all projects. */
    private static final String KEEPER = "ledger";

    private static final Map<Role, List<GrantedAuthority>> OF_ROLES =
            Stream.of(Role.values()).collect(Collectors.toMap(role -> role, role -> authorities(role)));

    private static final List<GrantedAuthority> OF_KEEPERS = authorities(Role.ADMIN, KEEPER);

    /** The lines of the table by method, the most specific path first, as the controllers are found too. */
    private final Map<String, List<Rule>> rules = new TreeMap<>();

    private record Rule(PathPattern path, int elements, Call call, Role role) {

        /** Paths of another length need not be gone through. */
        boolean matches(PathContainer asked) {
            return asked.elements().size() == elements && path.matches(asked);
        }

        boolean lets(Authentication authentication) {
            return has(authentication, role.wireName()) && (!call.ofLedger() || has(authentication, KEEPER));
        }

        private static boolean has(Authentication authentication, String authority) {
            for (GrantedAuthority granted : authentication.getAuthorities()) {
                if (authority.equals(granted.getAuthority())) {
                    return true;
                }
            }
            return false;
        }
    }

    AccessRules() {
        for (Role role : Role.values()) {
            for (Call call : role.calls()) {
                PathPattern path = PathPatternParser.defaultInstance.parse(call.path());
                int elements = PathContainer.parsePath(call.path()).elements().size();
                rules.computeIfAbsent(call.method().name(), _ -> new ArrayList<>())
                        .add(new Rule(path, elements, call, role));
            }
        }
        rules.values().forEach(ofMethod -> ofMethod.sort(Comparator.comparing(Rule::path)));
    }

    /** What a holder of this key may be asked for: its role and all those that this includes. */
    static List<GrantedAuthority> authorities(KeyHolder holder) {
        return holder.keepsLedger() ? OF_KEEPERS : Objects.requireNonNull(OF_ROLES.get(holder.role()));
    }

    private static List<GrantedAuthority> authorities(Role role, String... more) {
        Stream<String> roles = Stream.of(Role.values()).filter(role::includes).map(Role::wireName);
        return List.copyOf(AuthorityUtils.createAuthorityList(
                Stream.concat(roles, Stream.of(more)).toList()));
    }

    @Override
    public AuthorizationDecision authorize(
            Supplier<? extends @Nullable Authentication> authentication, RequestAuthorizationContext context) {
        Rule rule = rule(context.getRequest());
        Authentication caller = rule == null ? null : authentication.get();
        return new AuthorizationDecision(rule != null && caller != null && rule.lets(caller));
    }

    /** What to tell a caller, known by a key, whom these rules did not let through. */
    Problem refusal(HttpServletRequest request, HttpServletResponse response) {
        Rule rule = rule(request);
        if (rule != null) {
            String role = rule.role().wireName() + (rule.call().ofLedger() ? " in the project default" : "");
            return new Problem(ProblemCode.FORBIDDEN, "This needs a key with the role " + role + ".");
        }
        PathContainer path = path(request);
        String allowed = rules.keySet().stream()
                .filter(method -> find(method, path) != null)
                .collect(Collectors.joining(", "));
        if (allowed.isEmpty()) {
            return new Problem(ProblemCode.NOT_FOUND, "There is no such address; /docs shows those there are.");
        }
        response.setHeader(HttpHeaders.ALLOW, allowed);
        return new Problem(ProblemCode.METHOD_NOT_ALLOWED, "Allowed here: " + allowed + ".");
    }

    /** Whether this is a call that changes something and that only admins may make. */
    boolean isAdministration(HttpServletRequest request) {
        Rule rule = rule(request);
        return rule != null
                && rule.role() == Role.ADMIN
                && !rule.call().method().equals(HttpMethod.GET);
    }

    private @Nullable Rule rule(HttpServletRequest request) {
        // Whoever may GET may ask for the head alone.
        String method = request.getMethod().equals("HEAD") ? "GET" : request.getMethod();
        return find(method, path(request));
    }

    private @Nullable Rule find(String method, PathContainer path) {
        for (Rule rule : rules.getOrDefault(method, List.of())) {
            if (rule.matches(path)) {
                return rule;
            }
        }
        return null;
    }

    private static PathContainer path(HttpServletRequest request) {
        return ServletRequestPathUtils.parse(request).pathWithinApplication();
    }
}

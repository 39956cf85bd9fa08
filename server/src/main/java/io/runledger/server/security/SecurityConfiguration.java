package io.runledger.server.security;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.server.LedgerSettings;
import io.runledger.server.access.ApiKeys;
import io.runledger.server.access.AuditTrail;
import io.runledger.server.access.Role;
import io.runledger.server.http.ProblemWriter;
import io.runledger.server.limits.RateLimitFilter;
import io.runledger.server.limits.RateLimits;
import jakarta.servlet.DispatcherType;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.context.NullSecurityContextRepository;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.security.web.header.writers.CrossOriginOpenerPolicyHeaderWriter.CrossOriginOpenerPolicy;
import org.springframework.security.web.header.writers.CrossOriginResourcePolicyHeaderWriter.CrossOriginResourcePolicy;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;

/** Closes everything that need not be open. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

    /** Answers are data; of our pages only the description of the API runs anything, and that comes from here. */
    private static final String CONTENT_POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none';"
            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    @Bean(initMethod = "ensure")
    FirstKey firstKey(ApiKeys keys, LedgerSettings settings) {
        return new FirstKey(keys, settings, System.out);
    }

    @Bean
    SecurityFilterChain security(
            HttpSecurity http,
            ApiKeys keys,
            AuditTrail trail,
            RateLimits limits,
            LedgerSettings settings,
            ProblemWriter problems) {
        AccessRules rules = new AccessRules();
        http.addFilterBefore(new KeyFilter(keys, rules, trail, problems), AuthorizationFilter.class);
        if (settings.rateLimits().enabled()) {
            http.addFilterBefore(new RateLimitFilter(limits, problems), AuthorizationFilter.class);
        }
        return http.csrf(AbstractHttpConfigurer::disable)
                .formLogin(AbstractHttpConfigurer::disable)
                .httpBasic(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                // Who calls is told by each request's key: there is no session to make, to look into, or to keep
                // anything in.
                .sessionManagement(AbstractHttpConfigurer::disable)
                .securityContext(context -> context.securityContextRepository(new NullSecurityContextRepository()))
                .servletApi(AbstractHttpConfigurer::disable)
                .headers(headers -> headers.contentSecurityPolicy(policy -> policy.policyDirectives(CONTENT_POLICY))
                        .referrerPolicy(policy -> policy.policy(ReferrerPolicy.NO_REFERRER))
                        .crossOriginOpenerPolicy(policy -> policy.policy(CrossOriginOpenerPolicy.SAME_ORIGIN))
                        .crossOriginResourcePolicy(policy -> policy.policy(CrossOriginResourcePolicy.SAME_ORIGIN)))
                .authorizeHttpRequests(
                        requests -> requests.dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.ASYNC)
                                .permitAll()
                                .requestMatchers(Role.OPEN.toArray(String[]::new))
                                .permitAll()
                                .anyRequest()
                                .access(rules))
                .exceptionHandling(refusals -> refusals.authenticationEntryPoint((request, response, _) -> {
                            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
                            problems.write(
                                    new Problem(
                                            ProblemCode.UNAUTHORIZED,
                                            "Send a key that is valid: x-api-key: KEY, or Authorization: Bearer KEY."),
                                    request,
                                    response);
                        })
                        .accessDeniedHandler((request, response, _) ->
                                problems.write(rules.refusal(request, response), request, response)))
                .build();
    }

    /** Keys name callers here, so there are no users; without this bean Boot would invent one with a password. */
    @Bean
    AuthenticationManager authenticationManager() {
        return _ -> {
            throw new BadCredentialsException("there are no users");
        };
    }

    /** A request is measured once, not once more in each of security's filters. */
    @Bean
    SecurityObservationSettings securityObservations() {
        return SecurityObservationSettings.noObservations();
    }

    /** A run's key may hold any character, and stands in paths. */
    @Bean
    HttpFirewall httpFirewall() {
        StrictHttpFirewall firewall = new StrictHttpFirewall();
        // An unknown method gets its 405 from where the known ones are.
        firewall.setUnsafeAllowAnyHttpMethod(true);
        firewall.setAllowUrlEncodedSlash(true);
        firewall.setAllowUrlEncodedPercent(true);
        firewall.setAllowUrlEncodedPeriod(true);
        firewall.setAllowUrlEncodedDoubleSlash(true);
        firewall.setAllowSemicolon(true);
        firewall.setAllowBackSlash(true);
        firewall.setAllowUrlEncodedCarriageReturn(true);
        firewall.setAllowUrlEncodedLineFeed(true);
        firewall.setAllowUrlEncodedLineSeparator(true);
        firewall.setAllowUrlEncodedParagraphSeparator(true);
        // A parameter that no call has is told by its name, whatever that holds.
        firewall.setAllowedParameterNames(_ -> true);
        // As by default, without an expression that is matched each time when anything reads a header.
        firewall.setAllowedHeaderNames(SecurityConfiguration::hasNoControls);
        firewall.setAllowedHeaderValues(value -> hasNoControls(value.replace('\t', ' ')));
        return firewall;
    }

    private static boolean hasNoControls(String header) {
        for (int i = 0; i < header.length(); i++) {
            if (Character.isISOControl(header.charAt(i))) {
                return false;
            }
        }
        return true;
    }
}

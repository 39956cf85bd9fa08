package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/** The quick way to a call's method leads to the one that Spring itself would find. */
@RunningLedger
class PathFirstMappingTest {

    /** What stands in a path where a variable is. */
    private static final List<String> VALUES = List.of("x", "key:a", "key:a%2Fb;c=%7Bd%7D", "start");

    private final RequestMappingHandlerMapping mapping;

    PathFirstMappingTest(RequestMappingHandlerMapping requestMappingHandlerMapping) {
        mapping = requestMappingHandlerMapping;
    }

    @Test
    void every_call_finds_the_method_that_looking_at_all_of_them_finds() throws Exception {
        RequestMappingHandlerMapping spring = new RequestMappingHandlerMapping();
        mapping.getHandlerMethods().forEach((info, method) -> spring.registerMapping(info, method, method.getMethod()));
        List<String> found = new ArrayList<>();
        for (RequestMappingInfo info : mapping.getHandlerMethods().keySet()) {
            for (String pattern : info.getPatternValues()) {
                for (String value : VALUES) {
                    for (RequestMethod method : info.getMethodsCondition().getMethods()) {
                        String call = method + " " + pattern.replaceAll("\\{[^}]+}", value);
                        Object expected = handler(spring, call);
                        assertThat(handler(mapping, call)).as(call).isEqualTo(expected);
                        if (expected instanceof List) {
                            found.add(call);
                        }
                    }
                }
            }
        }
        assertThat(found).hasSizeGreaterThan(200);
    }

    /** The method, and by which pattern and with which variables it was found; or why there is none. */
    private static Object handler(RequestMappingHandlerMapping mapping, String call) throws Exception {
        String[] parts = call.split(" ", 2);
        MockHttpServletRequest request = new MockHttpServletRequest(parts[0], parts[1]);
        request.addHeader("Accept", "application/json");
        request.setContentType("application/json");
        ServletRequestPathUtils.parseAndCache((HttpServletRequest) request);
        HandlerMethod method;
        try {
            method = (HandlerMethod)
                    Objects.requireNonNull(mapping.getHandler(request)).getHandler();
        } catch (ServletException refused) {
            return refused.toString();
        }
        return List.of(
                method.getMethod(),
                Objects.requireNonNull(request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE)),
                Objects.requireNonNull(request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)));
    }
}

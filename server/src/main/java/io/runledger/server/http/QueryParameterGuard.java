package io.runledger.server.http;

import io.runledger.api.FieldError;
import io.runledger.api.Problem;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.core.MethodParameter;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/** Refuses query parameters that an endpoint does not know: a typo must not pass as a default. */
final class QueryParameterGuard implements HandlerInterceptor {

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        // Where something else is being told already, the parameters do not matter.
        if (request.getQueryString() != null
                && request.getDispatcherType() == DispatcherType.REQUEST
                && handler instanceof HandlerMethod method
                && method.getBeanType().getName().startsWith("io.runledger.")) {
            check(request.getParameterMap().keySet(), method);
        }
        return true;
    }

    private static void check(Set<String> given, HandlerMethod method) {
        Set<String> known = new HashSet<>();
        for (MethodParameter parameter : method.getMethodParameters()) {
            RequestParam annotation = parameter.getParameterAnnotation(RequestParam.class);
            if (annotation != null && MultiValueMap.class.isAssignableFrom(parameter.getParameterType())) {
                // This endpoint takes all parameters and checks their names itself.
                return;
            }
            if (annotation != null) {
                known.add(annotation.name());
            }
        }
        List<FieldError> errors = new ArrayList<>();
        for (String name : given) {
            if (!known.contains(name)) {
                errors.add(new FieldError(name, "unknown query parameter"));
            }
        }
        if (!errors.isEmpty()) {
            throw Problem.badRequest(errors);
        }
    }
}

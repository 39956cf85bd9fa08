package io.runledger.server.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.condition.PathPatternsRequestCondition;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.pattern.PathPattern;

/**
 * Finds the method of a call among the few whose paths are as long and end alike, where Spring looks at each of a hundred.
 * When it is not one of them and no other, Spring decides.
 */
final class PathFirstMapping extends RequestMappingHandlerMapping {

    private final Map<Shape, List<Candidate>> candidates = new HashMap<>();

    private record Candidate(RequestMappingInfo mapping, HandlerMethod method) {}

    /**
     * What can be seen of a path at a glance.
     *
     * @param end its last part; null for any
     */
    private record Shape(long parts, @Nullable String end) {

        static Shape of(String path) {
            return new Shape(path.chars().filter(c -> c == '/').count(), path.substring(path.lastIndexOf('/') + 1));
        }

        Shape withAnyEnd() {
            return new Shape(parts, null);
        }
    }

    @Override
    protected void handlerMethodsInitialized(Map<RequestMappingInfo, HandlerMethod> methods) {
        super.handlerMethodsInitialized(methods);
        methods.forEach((mapping, method) -> patterns(mapping).forEach(pattern -> {
            Shape shape = Shape.of(pattern.getPatternString());
            boolean endsInAny = String.valueOf(shape.end()).contains("{");
            candidates
                    .computeIfAbsent(endsInAny ? shape.withAnyEnd() : shape, _ -> new ArrayList<>())
                    .add(new Candidate(mapping, method));
        }));
    }

    private static Set<PathPattern> patterns(RequestMappingInfo mapping) {
        PathPatternsRequestCondition paths = mapping.getPathPatternsCondition();
        return paths == null ? Set.of() : paths.getPatterns();
    }

    @Override
    protected @Nullable HandlerMethod lookupHandlerMethod(String path, HttpServletRequest request) throws Exception {
        Shape shape = Shape.of(path);
        Candidate found = null;
        for (Shape one : List.of(shape, shape.withAnyEnd())) {
            for (Candidate candidate : candidates.getOrDefault(one, List.of())) {
                RequestMappingInfo match = getMatchingMapping(candidate.mapping(), request);
                if (match != null && found != null) {
                    return super.lookupHandlerMethod(path, request);
                }
                if (match != null) {
                    found = new Candidate(match, candidate.method());
                }
            }
        }
        if (found == null) {
            return super.lookupHandlerMethod(path, request);
        }
        request.setAttribute(BEST_MATCHING_HANDLER_ATTRIBUTE, found.method());
        handleMatch(found.mapping(), path, request);
        return found.method();
    }

    /** Looks at headers only where the path fits: they are the dear part. */
    @Override
    protected @Nullable RequestMappingInfo getMatchingMapping(RequestMappingInfo mapping, HttpServletRequest request) {
        PathPatternsRequestCondition paths = mapping.getPathPatternsCondition();
        boolean fits = mapping.getMethodsCondition().getMatchingCondition(request) != null
                && (paths == null || paths.getMatchingCondition(request) != null);
        return fits ? super.getMatchingMapping(mapping, request) : null;
    }
}

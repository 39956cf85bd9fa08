package io.runledger.command.http;

import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.idempotency.Claim;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/** Gives controllers what is the same for every command of a request. */
final class OriginResolver implements HandlerMethodArgumentResolver {

    private static final Pattern ETAG = Pattern.compile("\"(\\d{1,18})\"");

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == Origin.class;
    }

    @Override
    public Origin resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer container,
            NativeWebRequest request,
            @Nullable WebDataBinderFactory binderFactory) {
        Caller caller = (Caller) request.getAttribute(Caller.ATTRIBUTE, RequestAttributes.SCOPE_REQUEST);
        String requestId = (String) request.getAttribute(Caller.REQUEST_ID_ATTRIBUTE, RequestAttributes.SCOPE_REQUEST);
        return new Origin(
                Objects.requireNonNull(caller, "a command without a caller"),
                Objects.requireNonNull(requestId, "a command without a request id"),
                version(request.getHeader(HttpHeaders.IF_MATCH)),
                (Claim.Mine) request.getAttribute(Claim.ATTRIBUTE, RequestAttributes.SCOPE_REQUEST));
    }

    private static @Nullable Long version(@Nullable String ifMatch) {
        if (ifMatch == null || ifMatch.equals("*")) {
            return null;
        }
        Matcher etag = ETAG.matcher(ifMatch.strip());
        if (!etag.matches()) {
            throw Problem.badRequest(HttpHeaders.IF_MATCH, "must be one ETag of a run, like \"3\"");
        }
        return Long.valueOf(etag.group(1));
    }
}

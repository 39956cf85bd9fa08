package io.runledger.server.http;

import io.runledger.api.Caller;
import io.runledger.api.EventHash;
import io.runledger.command.http.HttpLimits;
import io.runledger.query.event.StreamSettings;
import io.runledger.server.LedgerSettings;
import java.time.Instant;
import java.util.List;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.webmvc.autoconfigure.WebMvcRegistrations;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.MethodParameter;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** The web server's part of the rules for every call. */
@Configuration(proxyBeanMethods = false)
class HttpConfiguration {

    // Every connection has buffers of these sizes for as long as it is open, and a stream may be open for days.
    private static final String READ_BYTES = "2048";
    private static final String WRITE_BYTES = "4096";
    private static final int TRAILER_BYTES = 1024;

    @Bean
    HttpLimits httpLimits(LedgerSettings settings) {
        LedgerSettings.Limits limits = settings.limits();
        return new HttpLimits(
                limits.bodyBytes(),
                limits.batchBytes(),
                limits.batches(),
                limits.jsonDepth(),
                limits.largeBodies(),
                limits.streamInFlight(),
                limits.streamParallel(),
                Math.max(1, settings.database().connections() / 2),
                limits.waitSeconds(),
                limits.logLines());
    }

    @Bean
    StreamSettings streamSettings(LedgerSettings settings) {
        LedgerSettings.Streams streams = settings.streams();
        return new StreamSettings(
                settings.limits().streams(),
                settings.limits().waitingCallers(),
                streams.heartbeat(),
                streams.patience(),
                streams.tailEvents(),
                streams.tailBytes());
    }

    /** Times in answers are as the hash chain writes them: UTC, six decimals, always. */
    @Bean
    JacksonModule times() {
        return new SimpleModule("times").addSerializer(Instant.class, new StdSerializer<>(Instant.class) {
            @Override
            public void serialize(Instant time, JsonGenerator out, SerializationContext context) {
                out.writeString(EventHash.time(time));
            }
        });
    }

    @Bean
    WebMvcRegistrations mappings() {
        return new WebMvcRegistrations() {
            @Override
            public RequestMappingHandlerMapping getRequestMappingHandlerMapping() {
                return new PathFirstMapping();
            }
        };
    }

    @Bean
    WebMvcConfigurer rulesForEveryCall(JsonMapper mapper) {
        return new WebMvcConfigurer() {
            @Override
            public void configureMessageConverters(HttpMessageConverters.ServerBuilder builder) {
                builder.addCustomConverter(new AnswerConverter(mapper));
            }

            @Override
            public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
                resolvers.add(new CallerResolver());
            }

            @Override
            public void addInterceptors(InterceptorRegistry registry) {
                registry.addInterceptor(new QueryParameterGuard());
            }
        };
    }

    /** A key may hold slashes, an answer is not left unread for long, and what Tomcat refuses is a problem document too. */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> tomcat(LedgerSettings settings) {
        return factory -> {
            factory.setProtocol(BoundedWriteProtocol.class.getName());
            factory.addProtocolHandlerCustomizers((BoundedWriteProtocol protocol) -> {
                protocol.setThreads(new RequestThreads());
                protocol.setWriteTimeout(settings.streams().patience());
                protocol.setDisableUploadTimeout(false);
                protocol.setConnectionUploadTimeout(
                        Math.toIntExact(settings.limits().bodySilence().toMillis()));
                protocol.setMaxTrailerSize(TRAILER_BYTES);
                protocol.setProperty("socket.appReadBufSize", READ_BYTES);
                protocol.setProperty("socket.appWriteBufSize", WRITE_BYTES);
            });
            factory.addEngineValves(new AnswerBuffer());
            factory.addConnectorCustomizers(connector -> {
                connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
                connector.setEncodedReverseSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
            });
            factory.addContextCustomizers(context -> {
                if (context.getParent() instanceof org.apache.catalina.core.StandardHost host) {
                    host.setErrorReportValveClass(ProblemValve.class.getName());
                }
            });
        };
    }

    private static final class CallerResolver implements HandlerMethodArgumentResolver {

        @Override
        public boolean supportsParameter(MethodParameter parameter) {
            return parameter.getParameterType() == Caller.class;
        }

        @Override
        public @Nullable Object resolveArgument(
                MethodParameter parameter,
                @Nullable ModelAndViewContainer container,
                NativeWebRequest request,
                @Nullable WebDataBinderFactory binderFactory) {
            return request.getAttribute(Caller.ATTRIBUTE, RequestAttributes.SCOPE_REQUEST);
        }
    }
}

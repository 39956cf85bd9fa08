package io.runledger.server.http;

import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.Target;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The published description of the API, made from the code. */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {

    private static final String KEY = "key";
    private static final String BEARER = "bearer";
    private static final int ULID_LENGTH = 26;

    static {
        SpringDocUtils.getConfig()
                .replaceWithSchema(Json.class, new Schema<>().description("any JSON, kept and given back as it is"))
                .replaceWithSchema(
                        RunId.class,
                        new StringSchema()
                                .description("ULID")
                                .minLength(ULID_LENGTH)
                                .maxLength(ULID_LENGTH))
                .replaceWithSchema(
                        Target.class, new StringSchema().pattern(Target.PATTERN).example("task:send-mail"));
    }

    @Bean
    PublishedDescription publishedDescription() {
        return new PublishedDescription();
    }

    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(new Info()
                        .title("Runledger")
                        .version("v1")
                        .description("One ledger of runs: what was asked, what happened, how it ended."))
                .components(new Components()
                        .addSecuritySchemes(
                                KEY,
                                new SecurityScheme()
                                        .type(SecurityScheme.Type.APIKEY)
                                        .in(SecurityScheme.In.HEADER)
                                        .name("x-api-key"))
                        .addSecuritySchemes(
                                BEARER,
                                new SecurityScheme()
                                        .type(SecurityScheme.Type.HTTP)
                                        .scheme("bearer")))
                .addSecurityItem(new SecurityRequirement().addList(KEY))
                .addSecurityItem(new SecurityRequirement().addList(BEARER));
    }
}

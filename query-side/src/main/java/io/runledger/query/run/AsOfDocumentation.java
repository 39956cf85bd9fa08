package io.runledger.query.run;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What OpenAPI says about the past moment that many runs can be asked about, which {@link AsOf} reads itself. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Parameter(
        in = ParameterIn.QUERY,
        name = "as_of",
        description = "The runs as the ledger showed them at this time, like 2026-01-31T12:00:00Z, or at position: and"
                + " a number",
        schema = @Schema(type = "string"))
public @interface AsOfDocumentation {}

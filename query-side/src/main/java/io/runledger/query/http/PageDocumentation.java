package io.runledger.query.http;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes the parameters that {@link PageRequest} reads. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Parameter(
        in = ParameterIn.QUERY,
        name = "limit",
        description = "How many a page has at most",
        schema = @Schema(type = "integer", minimum = "1", maximum = "100", defaultValue = "10"))
@Parameter(
        in = ParameterIn.QUERY,
        name = "after",
        description = "The cursor next of a page, for the page after it",
        schema = @Schema(type = "string"))
@Parameter(
        in = ParameterIn.QUERY,
        name = "before",
        description = "The cursor previous of a page, for the page before it",
        schema = @Schema(type = "string"))
public @interface PageDocumentation {}

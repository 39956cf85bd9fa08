package io.runledger.query.run;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What OpenAPI says about the order and the pages of the run list, which {@link RunListParameters} reads itself. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Operation(operationId = "listRuns", summary = "The project's runs, filtered, sorted, in pages")
@Parameter(
        in = ParameterIn.QUERY,
        name = "sort",
        description =
                "A field, with - in front for descending: created_at, updated_at, started_at, finished_at, duration_ms, status, priority, name",
        schema = @Schema(defaultValue = "-created_at"))
@Parameter(
        in = ParameterIn.QUERY,
        name = "order",
        description = "Sorts by created_at",
        schema = @Schema(allowableValues = {"asc", "desc"}))
@Parameter(
        in = ParameterIn.QUERY,
        name = "limit",
        description = "How many runs a page has at most",
        schema = @Schema(type = "integer", minimum = "1", maximum = "100", defaultValue = "10"))
@Parameter(
        in = ParameterIn.QUERY,
        name = "after",
        description = "The cursor next of an answer",
        schema = @Schema(type = "string"))
@Parameter(
        in = ParameterIn.QUERY,
        name = "before",
        description = "The cursor previous of an answer",
        schema = @Schema(type = "string"))
@Parameter(
        in = ParameterIn.QUERY,
        name = "offset",
        description = "How many runs to leave out; not together with a cursor",
        schema = @Schema(type = "integer", minimum = "0", maximum = "10000", defaultValue = "0"))
@Parameter(
        in = ParameterIn.QUERY,
        name = "count",
        description = "Whether to count the runs of the list",
        schema = @Schema(type = "boolean", defaultValue = "false"))
@interface RunListDocumentation {}

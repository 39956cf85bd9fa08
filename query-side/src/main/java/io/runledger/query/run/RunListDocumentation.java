package io.runledger.query.run;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.Explode;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.enums.ParameterStyle;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.OffsetDateTime;

/** What OpenAPI says about the parameters of the run list, which {@link RunListParameters} reads itself. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Operation(operationId = "listRuns", summary = "The project's runs, filtered, sorted, in pages")
@Parameter(
        in = ParameterIn.QUERY,
        name = "status",
        description = "A status, or active, or ended; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "target",
        description = "kind:name; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "id",
        description = "Runs with this value; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "kind",
        description = "Runs with this value; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "mode",
        description = "Runs with this value; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "stage",
        description = "Runs with this value; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "queue",
        description = "Runs with this value; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "worker",
        description = "Runs with this value; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "created_by",
        description = "Runs with this value; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "key",
        description = "Runs with this value; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "error_code",
        description = "Runs with this value; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "name",
        description = "A name, or its beginning and *; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "labels",
        description = "Runs with these labels: each member is named label.KEY",
        style = ParameterStyle.FORM,
        explode = Explode.TRUE,
        schema = @Schema(type = "object", additionalPropertiesSchema = String.class))
@Parameter(
        in = ParameterIn.QUERY,
        name = "created_after",
        description = "Created after this time",
        schema = @Schema(implementation = OffsetDateTime.class))
@Parameter(
        in = ParameterIn.QUERY,
        name = "created_before",
        description = "Created before this time",
        schema = @Schema(implementation = OffsetDateTime.class))
@Parameter(
        in = ParameterIn.QUERY,
        name = "started_after",
        description = "Started after this time",
        schema = @Schema(implementation = OffsetDateTime.class))
@Parameter(
        in = ParameterIn.QUERY,
        name = "started_before",
        description = "Started before this time",
        schema = @Schema(implementation = OffsetDateTime.class))
@Parameter(
        in = ParameterIn.QUERY,
        name = "finished_after",
        description = "Finished after this time",
        schema = @Schema(implementation = OffsetDateTime.class))
@Parameter(
        in = ParameterIn.QUERY,
        name = "finished_before",
        description = "Finished before this time",
        schema = @Schema(implementation = OffsetDateTime.class))
@Parameter(
        in = ParameterIn.QUERY,
        name = "updated_after",
        description = "Updated after this time",
        schema = @Schema(implementation = OffsetDateTime.class))
@Parameter(
        in = ParameterIn.QUERY,
        name = "updated_before",
        description = "Updated before this time",
        schema = @Schema(implementation = OffsetDateTime.class))
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

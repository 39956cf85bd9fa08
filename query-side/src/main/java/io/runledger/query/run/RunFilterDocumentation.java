package io.runledger.query.run;

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

/** What OpenAPI says about the filters of runs, for whatever takes them. */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
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
        // Without it the page of the description would ask for labels of its own invention.
        example = "{}",
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
        name = "schedule_id",
        description = "Runs with this value; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "parent_id",
        description = "Runs with this value; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "root_id",
        description = "Runs with this value; repeat it for alternatives",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "min_duration_ms",
        description = "Runs that took at least so long",
        schema = @Schema(type = "integer", format = "int64", minimum = "0"))
@Parameter(
        in = ParameterIn.QUERY,
        name = "max_duration_ms",
        description = "Runs that took at most so long",
        schema = @Schema(type = "integer", format = "int64", minimum = "0"))
@Parameter(
        in = ParameterIn.QUERY,
        name = "q",
        description = "Words that all occur in name, target or error message, the last perhaps as a beginning",
        array = @ArraySchema(schema = @Schema(type = "string")))
@Parameter(
        in = ParameterIn.QUERY,
        name = "include",
        description = "Child runs too; they are left out unless they are asked for, or a parent_id or root_id is given",
        schema = @Schema(allowableValues = "tasks"))
public @interface RunFilterDocumentation {}

package io.runledger.query.event;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The parameters that calls about events share, for the published description of the API. */
@interface EventDocumentation {

    /** Which types. */
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @Parameter(
            in = ParameterIn.QUERY,
            name = "type",
            description = "Events of this type, or with run.* of all that begin so; repeat it for alternatives",
            array = @ArraySchema(schema = @Schema(type = "string")))
    @interface Types {}

    /** Whether with those of its tasks. */
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @Parameter(
            in = ParameterIn.QUERY,
            name = "include",
            description = "tasks: with the events of the runs that do the tasks of the run",
            schema = @Schema(allowableValues = "tasks"))
    @interface Tasks {}

    /** After which event of a run. */
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @Parameter(
            in = ParameterIn.QUERY,
            name = "after",
            description = "The sequence number of the last event that is known already",
            schema = @Schema(type = "integer", format = "int64", minimum = "-1"))
    @interface AfterSequence {}

    /** After which event of the ledger. */
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @Parameter(
            in = ParameterIn.QUERY,
            name = "after",
            description = "The position up to which the events are known already",
            schema = @Schema(type = "integer", format = "int64", minimum = "0"))
    @interface AfterPosition {}

    /** How many at once. */
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @Parameter(
            in = ParameterIn.QUERY,
            name = "limit",
            description = "How many events a page has at most; a stream has no pages and takes no limit",
            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "100"))
    @interface Limit {}

    /** Of which runs, beside the filters of the run list. */
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @Parameter(
            in = ParameterIn.QUERY,
            name = "run_id",
            description = "The same as id",
            array = @ArraySchema(schema = @Schema(type = "string")))
    @interface Runs {}
}

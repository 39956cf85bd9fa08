package io.runledger.command.definition;

import java.time.Duration;

/**
 * How much a definition may take, so that no schema stops the ledger.
 *
 * @param perProject targets of one project that may have a definition at once
 * @param schemaBytes of one input schema
 * @param patternSize of one regular expression, its repetitions written out
 * @param steps that judging one input may take: a keyword of the schema applied to a value is one, and so are
 *     {@link Effort#CHARACTERS_PER_STEP} characters looked at by a part of a pattern
 * @param depth of schemas within schemas while an input is judged
 * @param time that judging all inputs of a batch may take
 * @param cacheBytes of schemas that a node keeps ready for use
 */
public record DefinitionLimits(
        int perProject, int schemaBytes, int patternSize, int steps, int depth, Duration time, long cacheBytes) {}

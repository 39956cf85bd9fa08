/**
 * Definitions: what is said of a target once, and how the inputs of its runs are judged by it. Schemas come from callers,
 * so everything that is done with them is limited.
 */
@NullMarked
package io.runledger.command.definition;

import org.jspecify.annotations.NullMarked;

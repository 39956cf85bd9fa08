/**
 * JSON that callers give and get back as they gave it. Nothing here knows what a run is.
 */
@NullMarked
package io.runledger.command.json;

import org.jspecify.annotations.NullMarked;

/**
 * What all views share: their tables, the processors that fill them, and how far these have got.
 * It knows nothing of what a single view shows.
 */
@NullMarked
package io.runledger.query.projection;

import org.jspecify.annotations.NullMarked;

/**
 * Turns events into views and answers questions about them.
 * It never decides and never writes history.
 */
@NullMarked
package io.runledger.query;

import org.jspecify.annotations.NullMarked;

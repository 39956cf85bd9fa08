/**
 * Tells those who watch the server how its views stand: health and metrics.
 * It looks only; operating the views is the query side's.
 */
@NullMarked
package io.runledger.server.views;

import org.jspecify.annotations.NullMarked;

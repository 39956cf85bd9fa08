/**
 * Tells those who watch the server how its views stand: health and metrics.
 * It gives them the events of many runs at once, which are the command side's. Else it looks only; operating the views is the query side's.
 */
@NullMarked
package io.runledger.server.views;

import org.jspecify.annotations.NullMarked;

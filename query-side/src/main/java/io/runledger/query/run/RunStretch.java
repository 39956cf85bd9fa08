package io.runledger.query.run;

import java.util.List;

/**
 * A part of a sorted list that one index gives in order.
 *
 * @param conditions what is in it; may be empty
 */
record RunStretch(List<RunCondition> conditions, String order) {}

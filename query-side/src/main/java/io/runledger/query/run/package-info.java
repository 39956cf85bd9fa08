/**
 * The view of runs: one row per run, folded from its events, with its list and its single answers.
 * A single run is answered from its row and its later events, so it is never behind; a list may be.
 */
@NullMarked
package io.runledger.query.run;

import org.jspecify.annotations.NullMarked;

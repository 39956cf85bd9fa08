/**
 * The events themselves, read straight from the ledger: of one run, of a whole project, and whether they are untouched.
 * It only ever selects.
 */
@NullMarked
package io.runledger.query.event;

import org.jspecify.annotations.NullMarked;

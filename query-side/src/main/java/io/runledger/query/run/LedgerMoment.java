package io.runledger.query.run;

import java.time.Instant;

/**
 * A moment of the ledger: it held the events up to this position and no others.
 *
 * @param latest no event up to this position was recorded later; only speeds up the search
 */
record LedgerMoment(long position, Instant latest) {}

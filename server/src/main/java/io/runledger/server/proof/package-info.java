/**
 * The record proves itself: events are held against their chains, against signed checkpoints and against the view of
 * runs, by the ledger, for a caller, and away from the ledger on an export.
 */
@NullMarked
package io.runledger.server.proof;

import org.jspecify.annotations.NullMarked;

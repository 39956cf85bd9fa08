/**
 * The heart of the ledger: what may happen to a run, as a table, pure rules and a one-line aggregate. Everything else
 * follows the events that come from here.
 */
@NullMarked
package io.runledger.command.run;

import org.jspecify.annotations.NullMarked;

package io.runledger.server.proof;

import java.time.Duration;

/**
 * How the ledger proves its record.
 *
 * @param interval how often one of the nodes signs what is new, and goes through a part of what is old
 * @param pagePositions so many positions of the ledger one request goes through
 * @param sweepPositions so many positions a node goes through in each interval, to find out whether what is old has changed
 * @param parallel so many requests of a node may go through the record at once
 */
record ProofSettings(Duration interval, long pagePositions, long sweepPositions, int parallel) {}

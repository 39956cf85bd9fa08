package io.runledger.api;

import java.util.List;

/**
 * The runs that a filter wants.
 *
 * @param position the ledger's position that they are as of
 * @param total how many there are, as far as was to be counted
 */
public record FoundRuns(long position, long total, List<RunView> sample) {}

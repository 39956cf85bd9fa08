/**
 * A ledger full of made-up runs of a realistic shape, for measuring at size. Events with their hash chains and the rows
 * that a projection would make of them are written side by side; a test lets the real projection build the rows again.
 */
@NullMarked
package io.runledger.benchmarks.sample;

import org.jspecify.annotations.NullMarked;

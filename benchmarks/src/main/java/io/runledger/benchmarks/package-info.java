/**
 * The ledger beside what PostgreSQL alone can do: every figure has its bare counterpart, measured in the same run in
 * alternating rounds. Start with {@link io.runledger.benchmarks.Benchmarks}.
 */
@NullMarked
package io.runledger.benchmarks;

import org.jspecify.annotations.NullMarked;

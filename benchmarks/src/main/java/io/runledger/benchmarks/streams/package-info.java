/** How soon a reader sees what was committed, beside a reader that listens to PostgreSQL itself. */
@NullMarked
package io.runledger.benchmarks.streams;

import org.jspecify.annotations.NullMarked;

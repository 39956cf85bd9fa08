/** How quickly lists and numbers of runs are answered, beside the same questions asked of PostgreSQL by hand. */
@NullMarked
package io.runledger.benchmarks.lists;

import org.jspecify.annotations.NullMarked;

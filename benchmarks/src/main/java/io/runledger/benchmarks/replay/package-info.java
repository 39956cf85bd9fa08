/** How quickly a view is made anew from all events. */
@NullMarked
package io.runledger.benchmarks.replay;

import org.jspecify.annotations.NullMarked;

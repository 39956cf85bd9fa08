/**
 * Work gets done: workers claim runs and hold leases, times are kept, waits end. Everything here reads and writes the
 * table of work, and changes a run only by giving it a command.
 */
@NullMarked
package io.runledger.command.work;

import org.jspecify.annotations.NullMarked;

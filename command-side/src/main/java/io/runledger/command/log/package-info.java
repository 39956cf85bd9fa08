/** What runs log, line by line, beside their events. */
@NullMarked
package io.runledger.command.log;

import org.jspecify.annotations.NullMarked;

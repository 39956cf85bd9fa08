/**
 * Decides what may happen to a run and writes it down as events.
 * It never reads a view.
 */
@NullMarked
package io.runledger.command;

import org.jspecify.annotations.NullMarked;

/**
 * Bulk operations: the same command for every run that a filter means, page by page, on whichever node is free. Nothing
 * here changes a run: each gets a command like any other, and its own rules decide.
 */
@NullMarked
package io.runledger.command.operation;

import org.jspecify.annotations.NullMarked;

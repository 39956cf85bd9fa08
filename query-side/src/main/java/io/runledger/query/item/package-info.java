/**
 * The view of a batch's items: how each ended, and in which event its result is. What callers gave and got stays in the
 * events and is read there.
 */
@NullMarked
package io.runledger.query.item;

import org.jspecify.annotations.NullMarked;

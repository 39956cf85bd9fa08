/**
 * Tells this node when any node has committed events, so that nobody has to ask the database again and again.
 * It carries no events: who is woken up reads for himself.
 */
@NullMarked
package io.runledger.query.signal;

import org.jspecify.annotations.NullMarked;

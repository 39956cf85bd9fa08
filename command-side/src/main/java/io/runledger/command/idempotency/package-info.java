/**
 * Requests that are sent again with the same Idempotency-Key: one of them has an effect, all of them get its answer. The
 * effect itself is guarded by the id of the command (ADR 7), so nothing here must be in the transaction that writes events.
 */
@NullMarked
package io.runledger.command.idempotency;

import org.jspecify.annotations.NullMarked;

/** What is to be done once, however often it is sent. */
@NullMarked
package io.runledger.server.idempotency;

import org.jspecify.annotations.NullMarked;

/**
 * Stories of many clients that follow the ledger live: over real sockets, with a client of their own that knows only
 * HTTP/1.1 and the format of server-sent events.
 */
@NullMarked
package io.runledger.server.stream;

import org.jspecify.annotations.NullMarked;

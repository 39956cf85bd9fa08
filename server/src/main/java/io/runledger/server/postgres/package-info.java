/**
 * The PostgreSQL that the server brings along when it is not given one: durable, private, and gone when the server is.
 * Only {@link io.runledger.server.postgres.LocalPostgres} is meant to be used from outside.
 */
@NullMarked
package io.runledger.server.postgres;

import org.jspecify.annotations.NullMarked;

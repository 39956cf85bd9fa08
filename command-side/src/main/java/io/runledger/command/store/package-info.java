/**
 * The event store on PostgreSQL, behind Axon's interfaces. Its table is written here and nowhere else.
 */
@NullMarked
package io.runledger.command.store;

import org.jspecify.annotations.NullMarked;

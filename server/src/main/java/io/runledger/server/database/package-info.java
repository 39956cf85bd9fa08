/**
 * The ledger's database: found or brought along, checked for durability, and brought up to date. Everything else gets a
 * data source that may be trusted and that may not change events.
 */
@NullMarked
package io.runledger.server.database;

import org.jspecify.annotations.NullMarked;

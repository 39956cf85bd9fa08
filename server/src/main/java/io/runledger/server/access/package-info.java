/**
 * Who may do what: projects, keys, and the one table of roles. It knows no run and no view; the filters that keep its
 * rules stand in {@code security}.
 */
@NullMarked
package io.runledger.server.access;

import org.jspecify.annotations.NullMarked;

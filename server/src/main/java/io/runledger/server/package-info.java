/**
 * Puts both sides together and starts them: configuration, security and PostgreSQL.
 * It holds no rule of a run and no view.
 */
@NullMarked
package io.runledger.server;

import org.jspecify.annotations.NullMarked;

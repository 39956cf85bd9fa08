/**
 * Who may come in: keys, and the rule that everything is closed unless it was opened. Roles beyond admin are kept but
 * not told apart yet.
 */
@NullMarked
package io.runledger.server.security;

import org.jspecify.annotations.NullMarked;

/**
 * Lets in whom the table of roles lets in, and nobody else: everything is closed unless it was opened.
 */
@NullMarked
package io.runledger.server.security;

import org.jspecify.annotations.NullMarked;

/**
 * The commands over HTTP, one at a time and as a stream. Nothing is decided here: requests become commands.
 */
@NullMarked
package io.runledger.command.http;

import org.jspecify.annotations.NullMarked;

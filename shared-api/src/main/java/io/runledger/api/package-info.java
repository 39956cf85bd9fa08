/**
 * The words both sides speak: ids, commands, events and the codes of refusals.
 * Plain Java, so that every side can read it and none can hide behind it.
 */
@NullMarked
package io.runledger.api;

import org.jspecify.annotations.NullMarked;

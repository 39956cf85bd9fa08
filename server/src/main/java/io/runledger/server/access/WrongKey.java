package io.runledger.server.access;

import org.jspecify.annotations.Nullable;

/**
 * Why a key did not open anything.
 *
 * @param project of the key that was named; the ledger's own when there is no such key
 * @param actor whose key was named; null when there is no such key
 */
public record WrongKey(String project, @Nullable String actor, String reason) {}

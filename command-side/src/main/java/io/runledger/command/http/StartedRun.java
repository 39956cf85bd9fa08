package io.runledger.command.http;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.runledger.api.RunView;
import org.jspecify.annotations.Nullable;

/** A run that was started, and the token that its reports must carry; null when it is not leased. */
record StartedRun(@JsonUnwrapped RunView run, @Nullable String leaseToken) {}

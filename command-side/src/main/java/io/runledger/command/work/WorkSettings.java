package io.runledger.command.work;

import java.time.Duration;

/**
 * How work is handed out and times are kept on this node.
 *
 * @param tick how often to look for what is due; a lease that has run out is found within it and a moment
 * @param waitingClaims how many workers may wait at this node
 */
public record WorkSettings(Duration tick, int waitingClaims) {}

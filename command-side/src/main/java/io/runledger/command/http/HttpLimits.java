package io.runledger.command.http;

/**
 * How much a caller may send.
 *
 * @param maxBodyBytes of a request with one command, and of one line of a stream of commands
 * @param maxJsonDepth levels of nesting
 * @param streamInFlight lines of one stream that may be read and not answered; a line counts for every 64 KiB of it
 * @param streamParallel commands of one stream that are carried out at once
 */
public record HttpLimits(int maxBodyBytes, int maxJsonDepth, int streamInFlight, int streamParallel) {

    /** What holds when nothing is set: 1 MiB, 100 levels, 256 lines, 8 at once. */
    public static final HttpLimits DEFAULT = new HttpLimits(1 << 20, 100, 256, 8);
}

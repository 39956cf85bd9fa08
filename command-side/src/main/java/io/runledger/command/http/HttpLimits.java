package io.runledger.command.http;

/**
 * How much a caller may send.
 *
 * @param maxBodyBytes of a request with one command, of one line of a stream of commands, and of one input of a batch
 * @param maxBatchBytes of a request that creates a batch
 * @param batches creates over {@code maxBodyBytes} that may be under way at once; their inputs lie in temporary files
 * @param maxJsonDepth levels of nesting
 * @param largeBodies bodies over 64 KiB that are parsed at once; 0 for half of the processors
 * @param streamInFlight lines of one stream that may be read and not answered; a line counts for every 16 KiB of it
 * @param streamParallel commands of one stream that are carried out at once
 * @param streamReads what all streams of this node may look up in the database at once; the other connections are for others
 * @param waitSeconds that a caller may wait for a run to end; who asks for more waits so long
 * @param logLines that one run may have
 */
public record HttpLimits(
        int maxBodyBytes,
        long maxBatchBytes,
        int batches,
        int maxJsonDepth,
        int largeBodies,
        int streamInFlight,
        int streamParallel,
        int streamReads,
        int waitSeconds,
        int logLines) {}

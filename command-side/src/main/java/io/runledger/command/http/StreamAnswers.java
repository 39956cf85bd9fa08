package io.runledger.command.http;

import io.runledger.api.Problem;
import io.runledger.api.RunId;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The answers to a stream of commands, written in the order of the lines while later lines are being read. */
final class StreamAnswers {

    /** What came of one line: a run at a version, with a lease token if it was started under one, or a problem. */
    record Answer(
            long line,
            @Nullable RunId runId,
            long version,
            @Nullable String leaseToken,
            @Nullable Problem problem) {

        static Answer refused(long line, Problem problem) {
            return new Answer(line, null, -1, null, problem);
        }

        Map<String, Object> document() {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("line", line);
            if (problem != null) {
                document.put("error", problem.document("/v1/commands"));
                return document;
            }
            document.put("run_id", String.valueOf(runId));
            document.put("version", version);
            if (leaseToken != null) {
                document.put("lease_token", leaseToken);
            }
            return document;
        }
    }

    /** What a line and its answer take in memory at the least, in bytes. */
    private static final int LINE_BYTES = 1 << 14;

    /** An answer that may not be there yet, or the end of all answers. */
    private record Pending(@Nullable CompletableFuture<Answer> answer, int weight) {

        boolean isReady() {
            return answer == null || answer.isDone();
        }
    }

    private final OutputStream out;
    private final JsonMapper mapper;
    private final boolean minimal;
    private final Semaphore room;
    private final int allRoom;
    private final BlockingQueue<Pending> pending = new LinkedBlockingQueue<>();
    private volatile boolean broken;
    private long done;
    private long refused;

    StreamAnswers(OutputStream out, JsonMapper mapper, boolean minimal, int maxPending) {
        this.out = new BufferedOutputStream(out, 1 << 15);
        this.mapper = mapper;
        this.minimal = minimal;
        this.allRoom = maxPending * LINE_BYTES;
        this.room = new Semaphore(allRoom);
    }

    /**
     * Waits until a line of so many bytes may be worked on, so that a client that does not read its answers is slowed
     * down; a long line takes the room of many.
     */
    int awaitRoom(int bytes) throws InterruptedException {
        int weight = Math.clamp(bytes, LINE_BYTES, allRoom);
        room.acquire(weight);
        return weight;
    }

    /** Queues the answer to the next line, which took this much room. */
    void add(CompletableFuture<Answer> answer, int weight) {
        pending.add(new Pending(answer, weight));
    }

    /** Whether the client is gone, so that reading on makes no sense. */
    boolean isBroken() {
        return broken;
    }

    void end() {
        pending.add(new Pending(null, 0));
    }

    /** Writes answers until the end; runs beside the reading. */
    @Nullable
    Void write() throws IOException, InterruptedException {
        try {
            Pending next = pending.take();
            for (CompletableFuture<Answer> answer = next.answer(); answer != null; answer = next.answer()) {
                write(answer.join());
                room.release(next.weight());
                Pending after = pending.peek();
                if (after == null || !after.isReady()) {
                    out.flush();
                }
                next = pending.take();
            }
            if (minimal) {
                line(mapper.writeValueAsBytes(new Counts(done, refused)));
            }
            out.flush();
            return null;
        } finally {
            broken = true;
            // Who waits for room shall find out that nobody reads the answers any more.
            room.release(Integer.MAX_VALUE / 2);
        }
    }

    private record Counts(long done, long refused) {}

    private void write(Answer answer) throws IOException {
        boolean wasRefused = answer.problem() != null;
        if (wasRefused) {
            refused++;
        } else {
            done++;
        }
        if (wasRefused || !minimal) {
            line(mapper.writeValueAsBytes(answer.document()));
        }
    }

    private void line(byte[] json) throws IOException {
        out.write(json);
        out.write('\n');
    }

    void awaitWritten(Future<?> writing) throws IOException {
        try {
            writing.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while answering", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException("cannot answer", e.getCause());
        }
    }
}

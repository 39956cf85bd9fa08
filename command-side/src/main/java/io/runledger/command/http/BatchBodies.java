package io.runledger.command.http;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.command.json.JsonBodies;
import io.runledger.command.json.StreamedBodies;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;

/** Reads creates that are too large to be held in memory: their inputs go to a file as they come. */
final class BatchBodies {

    private final StreamedBodies bodies;
    private final long mostBytes;
    private final Semaphore places;

    BatchBodies(JsonBodies bodies, HttpLimits limits) {
        this.bodies = new StreamedBodies(bodies, limits.maxBodyBytes());
        this.mostBytes = limits.maxBatchBytes();
        this.places = new Semaphore(limits.batches());
    }

    /** How large a body may be. */
    long mostBytes() {
        return mostBytes;
    }

    /**
     * The create that comes in; whoever gets it must close it.
     *
     * @throws Problem with every error found
     */
    Bodies.Create read(InputStream in) throws IOException {
        if (!places.tryAcquire()) {
            throw new Problem(
                    ProblemCode.UNAVAILABLE, "This node is taking in as many large batches as it may; try again.");
        }
        SpooledInputs inputs = spool();
        boolean read = false;
        try {
            Reader text = new InputStreamReader(
                    new Bounded(in, mostBytes),
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT));
            Bodies.Create create = bodies.read(Bodies.Create.class, text, "inputs", inputs);
            read = true;
            return create;
        } finally {
            if (!read) {
                inputs.close();
            }
        }
    }

    private SpooledInputs spool() throws IOException {
        try {
            return SpooledInputs.create(Bodies.MAX_INPUTS, places::release);
        } catch (IOException e) {
            places.release();
            throw e;
        }
    }

    /** Refuses to go on after so many bytes. */
    private static final class Bounded extends FilterInputStream {

        private final long most;
        private long count;

        Bounded(InputStream in, long most) {
            super(in);
            this.most = most;
        }

        @Override
        public int read() throws IOException {
            int next = in.read();
            count(next < 0 ? 0 : 1);
            return next;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int got = in.read(bytes, offset, length);
            count(got);
            return got;
        }

        private void count(int got) {
            count += Math.max(0, got);
            if (count > most) {
                throw JsonBodyConverter.tooLarge(most);
            }
        }
    }
}

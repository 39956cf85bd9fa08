package io.runledger.command.http;

import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.command.http.CommandLines.Task;
import io.runledger.command.http.LineReader.Line;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.http.StreamAnswers.Answer;
import io.runledger.command.store.ReadTurns;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/** One request's commands: those of one run are carried out in order, different runs side by side. */
final class CommandStream {

    private final CommandLines lines;
    private final Origin origin;
    private final HttpLimits limits;
    private final ReadTurns reads;
    private final ExecutorService executor;
    private final Semaphore parallel;
    private final StreamKeys keys = new StreamKeys();

    /** The last command under way for each run; the next one for that run waits for it. */
    private final ConcurrentMap<RunId, CompletableFuture<Answer>> tails = new ConcurrentHashMap<>();

    CommandStream(CommandLines lines, Origin origin, HttpLimits limits, ReadTurns reads, ExecutorService executor) {
        this.lines = lines;
        this.origin = origin;
        this.limits = limits;
        this.reads = reads;
        this.executor = executor;
        this.parallel = new Semaphore(limits.streamParallel());
    }

    /** Reads to the end of the input, or until the client is gone, or may not go on. */
    void read(InputStream in, StreamAnswers answers, BooleanSupplier mayGoOn) throws IOException {
        LineReader reader = new LineReader(in, limits.maxBodyBytes());
        try {
            long number = 0;
            for (Line line = reader.next(); line != null && !answers.isBroken(); line = reader.next()) {
                if (!mayGoOn.getAsBoolean()) {
                    Problem over = new Problem(
                            ProblemCode.UNAUTHORIZED, "The key holds no more; nothing from here on was read.");
                    answers.add(CompletableFuture.completedFuture(Answer.refused(number, over)), answers.awaitRoom(0));
                    return;
                }
                if (!isBlank(line)) {
                    byte[] bytes = line.bytes();
                    int weight = answers.awaitRoom(bytes == null ? 0 : bytes.length);
                    answers.add(dispatch(number, line), weight);
                }
                number++;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while reading", e);
        }
    }

    private static boolean isBlank(Line line) {
        byte[] bytes = line.bytes();
        return bytes != null && new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).isBlank();
    }

    private CompletableFuture<Answer> dispatch(long number, Line line) {
        Task task;
        try {
            byte[] bytes = line.bytes();
            if (bytes == null) {
                throw JsonBodyConverter.tooLarge(limits.maxBodyBytes());
            }
            task = lines.read(Utf8.decode(bytes, bytes.length), origin, keys);
        } catch (RuntimeException e) {
            return CompletableFuture.completedFuture(Answer.refused(number, CommandLines.problem(e)));
        }
        CompletableFuture<Answer> before = tails.get(task.runId());
        CompletableFuture<Answer> answer = before == null
                ? CompletableFuture.supplyAsync(() -> carryOut(number, task), executor)
                : before.thenApplyAsync(_ -> carryOut(number, task), executor);
        tails.put(task.runId(), answer);
        var _ = answer.whenComplete((_, _) -> tails.remove(task.runId(), answer));
        return answer;
    }

    private Answer carryOut(long number, Task task) {
        parallel.acquireUninterruptibly();
        try {
            return reads.during(() -> task.carryOut(number));
        } catch (RuntimeException e) {
            Problem problem = CommandLines.problem(e);
            return Answer.refused(number, problem);
        } finally {
            parallel.release();
        }
    }
}

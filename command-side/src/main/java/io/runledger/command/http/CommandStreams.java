package io.runledger.command.http;

import io.runledger.api.Admission;
import io.runledger.command.http.RunCommandFactory.Origin;
import io.runledger.command.store.ReadTurns;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.json.JsonMapper;

/** Runs streams of commands; see {@link CommandStream}. */
final class CommandStreams {

    private final CommandLines lines;
    private final HttpLimits limits;
    private final JsonMapper mapper;
    private final Admission admission;
    private final ReadTurns reads;

    CommandStreams(CommandLines lines, HttpLimits limits, JsonMapper mapper, Admission admission) {
        this.lines = lines;
        this.limits = limits;
        this.mapper = mapper;
        this.admission = admission;
        this.reads = new ReadTurns(limits.streamReads());
    }

    /** Reads commands to the end of the input and answers each; returns when the last answer was written. */
    void run(InputStream in, OutputStream out, Origin origin, boolean minimal) throws IOException {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            StreamAnswers answers = new StreamAnswers(out, mapper, minimal, limits.streamInFlight());
            var writing = executor.submit(answers::write);
            try {
                new CommandStream(lines, origin, limits, reads, executor)
                        .read(in, answers, () -> admission.holds(origin.caller()));
            } finally {
                // Also when the client is gone: whoever writes the answers must not wait for more of them.
                answers.end();
            }
            answers.awaitWritten(writing);
        }
    }
}

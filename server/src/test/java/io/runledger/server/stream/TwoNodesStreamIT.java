package io.runledger.server.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.postgres.LocalPostgres;
import io.runledger.server.story.Figures;
import io.runledger.server.stream.SseClient.Message;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A reader on one node sees what another node commits, and is told of it rather than finding it. */
@Timeout(180)
class TwoNodesStreamIT {

    private static final int NOTES = Figures.isThorough() ? 2_000 : 100;

    @TempDir
    Path data;

    @Test
    void a_commit_on_one_node_wakes_the_readers_of_the_other() throws Exception {
        try (LocalPostgres postgres = LocalPostgres.start(data, Path.of("target", "postgres-programs"));
                StreamServer here = node("here", postgres);
                StreamServer there = node("there", postgres)) {
            String run = here.startedRun();
            long head = there.head();
            List<Long> ofRun = new ArrayList<>();
            List<Long> ofFeed = new ArrayList<>();
            List<Long> ofSome = new ArrayList<>();
            List<Long> micros = new ArrayList<>();
            try (SseClient followed = there.follow("/v1/runs/" + run + "/events?after=2");
                    SseClient feed = there.follow("/v1/events?after=" + head);
                    SseClient some = there.follow("/v1/events?status=running&after=" + head)) {
                for (int i = 0; i < NOTES; i++) {
                    here.note(run, "n" + i);
                    // The writer had its answer after the commit; what is left is the way to the reader.
                    long begun = System.nanoTime();
                    Message message = followed.next();
                    micros.add((System.nanoTime() - begun) / 1_000);
                    ofRun.add(message.id());
                    ofFeed.add(feed.next().id());
                    ofSome.add(some.next().id());
                }
            }
            List<Long> ofLog = new ArrayList<>();
            try (SseClient log = there.follow("/v1/runs/" + run + "/logs")) {
                for (int i = 0; i < NOTES; i++) {
                    here.succeed("/v1/runs/" + run + "/logs", "[{\"level\": \"info\", \"message\": \"m\"}]");
                    ofLog.add(log.next().id());
                }
                here.succeed("/v1/runs/" + run + "/complete", "{}");
                assertThat(log.next()).isNull();
            }
            assertThat(ofLog).isEqualTo(LongStream.range(0, NOTES).boxed().toList());
            for (int i = 0; i < NOTES; i++) {
                assertThat(ofRun.get(i)).isEqualTo(3 + i);
                assertThat(ofFeed.get(i)).isEqualTo(head + 1 + i);
                assertThat(ofSome.get(i)).isEqualTo(head + 1 + i);
            }
            // Without a word from the other node, half of them would take more than 250 ms.
            Figures.print(
                    "another node: %d commits, answered to read there: median %.1f ms, p99 %.1f ms, worst %.1f ms",
                    NOTES,
                    Figures.percentile(micros, 50) / 1e3,
                    Figures.percentile(micros, 99) / 1e3,
                    Figures.percentile(micros, 100) / 1e3);
        }
    }

    private static StreamServer node(String name, LocalPostgres postgres) {
        return new StreamServer(
                "node-" + name,
                "--runledger.database.url=" + postgres.jdbcUrl(),
                "--runledger.database.user=" + postgres.user(),
                "--runledger.database.password=" + postgres.password());
    }
}

package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Random command sequences: aggregate, view, a fold of the events and a reference model all come to the same. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SequencesIT {

    private static final long SEED = Long.getLong("runledger.seed", 20_260_103);

    @Test
    void every_sequence_of_commands_comes_to_the_same_everywhere() throws Exception {
        int count = Figures.isThorough() ? 10_000 : 120;
        long begun = System.nanoTime();
        try (LedgerProcess ledger = LedgerProcess.named("sequences").start()) {
            LedgerClient client = new LedgerClient(ledger);
            List<RandomSequence> sequences = LongStream.range(0, count)
                    .mapToObj(i -> new RandomSequence(SEED * 100_000 + i))
                    .toList();
            create(sequences, client);
            int commands = 0;
            for (List<RandomSequence> going = going(sequences); !going.isEmpty(); going = going(going)) {
                giveOneEach(going, client);
                commands += going.size();
            }
            List<JsonNode> feed = Ledger.audit(client);
            compare(sequences, client, feed);
            Figures.print(
                    "L1: %d sequences, %d commands, %d events: 0 differences, %d ms (seed %d)",
                    count, commands, feed.size(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun), SEED);
        }
    }

    private static List<RandomSequence> going(List<RandomSequence> sequences) {
        return sequences.stream().filter(sequence -> !sequence.isOver()).toList();
    }

    private static void create(List<RandomSequence> sequences, LedgerClient client) throws Exception {
        List<JsonNode> answers =
                client.commands(sequences.stream().map(RandomSequence::create).toList());
        assertThat(answers).hasSameSizeAs(sequences);
        for (int i = 0; i < answers.size(); i++) {
            sequences.get(i).created(answers.get(i).get("run_id").asString());
        }
    }

    /** The next command of each sequence: most in one stream, because that is fast, the others one by one. */
    private static void giveOneEach(List<RandomSequence> going, LedgerClient client) throws Exception {
        List<RandomSequence> streamed = new ArrayList<>();
        List<JsonNode> lines = new ArrayList<>();
        for (RandomSequence sequence : going) {
            sequence.next();
            if (sequence.fitsInStream() && sequence.id().hashCode() % 8 != 0) {
                streamed.add(sequence);
                lines.add(sequence.line());
            } else {
                JsonNode answer = client.post(sequence.path(), sequence.body(), sequence.headers())
                        .body();
                sequence.answered(answer, true);
                assertShown(answer, client);
            }
        }
        List<JsonNode> answers = client.commands(lines);
        assertThat(answers).hasSameSizeAs(streamed);
        for (int i = 0; i < answers.size(); i++) {
            streamed.get(i).answered(answers.get(i), false);
        }
    }

    /** A command's answer comes from memory, a read from the database; both are the same run. */
    private static void assertShown(JsonNode answer, LedgerClient client) {
        if (answer.hasNonNull("code")) {
            return;
        }
        ObjectNode run = ((ObjectNode) answer).deepCopy();
        run.remove("lease_token");
        assertThat((JsonNode) run)
                .isEqualTo(client.read("/v1/runs/" + run.get("id").asString()));
    }

    private static void compare(List<RandomSequence> sequences, LedgerClient client, List<JsonNode> feed) {
        Map<String, FoldedRun> folded = new HashMap<>(FoldedRun.each(feed));
        for (RandomSequence sequence : sequences) {
            FoldedRun fold = folded.remove(sequence.id());
            ReferenceRun reference = sequence.reference();
            assertThat(fold.status()).as(sequence.id()).isEqualTo(reference.status());
            assertThat(fold.version()).as(sequence.id()).isEqualTo(reference.version());
            JsonNode run = client.read("/v1/runs/" + sequence.id());
            assertThat(run.get("attempt").asInt()).isEqualTo(reference.attempt());
            fold.assertShownBy(run);
            FoldedRun.of(client.eventsOf(sequence.id())).assertShownBy(run);
        }
        assertThat(folded).isEmpty();
    }
}

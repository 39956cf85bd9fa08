package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.server.story.Workload.Sent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The judge of the crash stories is judged: no planted fault may escape it. */
class HistoryCheckTest {

    private static final int COMMANDS = 60;

    private final List<Sent> history = new ArrayList<>();
    private final List<JsonNode> feed = new ArrayList<>();

    HistoryCheckTest() {
        for (int i = 0; i < COMMANDS; i++) {
            // Each overlaps with the next one and no other.
            history.add(new Sent("run", "c" + i, (long) i, i * 10L, i * 10L + 15));
            feed.add(event(i, i));
        }
    }

    private static ObjectNode event(int number, int position) {
        return LedgerClient.object()
                .put("run_id", "run")
                .put("command_id", "c" + number)
                .put("sequence", number)
                .put("position", position + 1);
    }

    @Test
    void a_sound_history_passes() {
        history.add(new Sent("run", "open", null, 0, Long.MAX_VALUE));
        Collections.shuffle(history);
        assertThat(HistoryCheck.check(history, feed)).isEqualTo(new HistoryCheck.Result(COMMANDS, 1, 0));
    }

    @Test
    void every_planted_fault_is_found() {
        for (int i = 0; i < COMMANDS; i++) {
            List<JsonNode> lost = new ArrayList<>(feed);
            lost.remove(i);
            assertFound(lost, "lost");

            List<JsonNode> doubled = new ArrayList<>(feed);
            doubled.add(event(i, COMMANDS));
            assertFound(doubled, "twice");

            List<JsonNode> invented = new ArrayList<>(feed);
            invented.add(event(COMMANDS + i, COMMANDS));
            assertFound(invented, "without a command");

            List<JsonNode> reordered = new ArrayList<>(feed);
            int other = (i + COMMANDS / 2) % COMMANDS;
            reordered.set(i, event(i, other));
            reordered.set(other, event(other, i));
            assertFound(reordered, "the place of");
        }
    }

    private void assertFound(List<JsonNode> faulty, String as) {
        assertThatThrownBy(() -> HistoryCheck.check(history, faulty))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(as);
    }
}

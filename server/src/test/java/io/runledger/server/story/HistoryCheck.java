package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.story.Workload.Sent;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import tools.jackson.databind.JsonNode;

/** Compares what clients were told with what the ledger holds; linear, because the ledger is the witness of the order. */
final class HistoryCheck {

    /** How the open questions came out. */
    record Result(int acknowledged, int open, int openButWritten) {}

    private HistoryCheck() {}

    static Result check(Collection<Sent> history, List<JsonNode> feed) {
        Map<String, JsonNode> written = new HashMap<>();
        for (JsonNode event : feed) {
            if (event.hasNonNull("command_id")) {
                String command = event.get("run_id").asString() + " "
                        + event.get("command_id").asString();
                assertThat(written.put(command, event))
                        .as("written twice: %s", command)
                        .isNull();
            }
        }
        int open = 0;
        int openButWritten = 0;
        Map<String, JsonNode> unexplained = new HashMap<>(written);
        for (Sent sent : history) {
            JsonNode event = unexplained.remove(sent.run() + " " + sent.commandId());
            if (sent.isAcknowledged()) {
                assertThat(event).as("lost: %s", sent).isNotNull();
                assertThat(event.get("sequence").asLong()).as("%s", sent).isLessThanOrEqualTo(sent.version());
            } else {
                open++;
                openButWritten += event == null ? 0 : 1;
            }
        }
        assertThat(unexplained).as("written without a command").isEmpty();
        assertOrder(history.stream().filter(Sent::isAcknowledged).toList(), written);
        return new Result(history.size() - open, open, openButWritten);
    }

    /** What was answered before another command was sent stands before it in the ledger. */
    private static void assertOrder(List<Sent> acknowledged, Map<String, JsonNode> written) {
        PriorityQueue<Sent> byEnd = new PriorityQueue<>(Comparator.comparingLong(Sent::ended));
        byEnd.addAll(acknowledged);
        long highest = 0;
        for (Sent sent : acknowledged.stream()
                .sorted(Comparator.comparingLong(Sent::begun))
                .toList()) {
            while (byEnd.peek() != null && byEnd.peek().ended() < sent.begun()) {
                highest = Math.max(highest, position(byEnd.poll(), written));
            }
            assertThat(position(sent, written)).as("the place of %s", sent).isGreaterThan(highest);
        }
    }

    private static long position(Sent sent, Map<String, JsonNode> written) {
        return written.get(sent.run() + " " + sent.commandId()).get("position").asLong();
    }
}

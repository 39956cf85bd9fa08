package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What must hold of every ledger, whatever happened to it. */
final class Ledger {

    private Ledger() {}

    /** The whole ledger, once every view is the fold of its events and every chain is sound. */
    static List<JsonNode> audit(LedgerClient client) {
        List<JsonNode> feed = client.feed();
        Map<String, FoldedRun> folded = FoldedRun.each(feed);
        assertViewsShow(folded, client, LedgerClient.head(feed));
        assertChainsHold(folded.keySet(), client);
        return feed;
    }

    /** Fails unless the list of all runs is what the events come to. */
    static void assertViewsShow(Map<String, FoldedRun> folded, LedgerClient client, long position) {
        assertViewsShow(folded, client, "", position);
    }

    /** Fails unless the list of the runs that match is what the events come to. */
    static void assertViewsShow(Map<String, FoldedRun> folded, LedgerClient client, String filter, long position) {
        Map<String, JsonNode> listed = client.runs(filter, position);
        assertThat(listed.keySet()).containsExactlyInAnyOrderElementsOf(folded.keySet());
        listed.forEach((id, view) -> folded.get(id).assertShownBy(view));
    }

    static void assertChainsHold(Collection<String> runs, LedgerClient client) {
        for (String run : runs) {
            JsonNode verified = client.read("/v1/runs/" + run + "/verify");
            assertThat(verified.get("valid").asBoolean())
                    .as("chain of %s: %s", run, verified)
                    .isTrue();
        }
    }
}

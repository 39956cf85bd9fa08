package io.runledger.query.item;

import io.runledger.api.ItemResult;
import io.runledger.api.RunEvent.RunItemsRecorded;
import io.runledger.api.RunEvent.RunResumed;
import io.runledger.api.RunId;
import io.runledger.query.projection.EventBatch;
import io.runledger.query.projection.ProjectionConfiguration;
import io.runledger.query.projection.ReadEvent;
import io.runledger.query.projection.RecordedEvent;
import java.util.List;
import org.axonframework.config.ProcessingGroup;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.ResetHandler;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps {@code view.item}, in the transactions of the view of runs, so that the two never tell different things. */
@ProcessingGroup(ProjectionConfiguration.RUN)
public final class ItemProjection {

    private final JdbcClient jdbc;

    ItemProjection(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Takes what a batch of events tells about items into the view. */
    @EventHandler
    public void on(EventBatch batch) {
        for (ReadEvent read : batch.events()) {
            RecordedEvent event = read.event();
            if (event != null && event.event() instanceof RunItemsRecorded recorded) {
                add(event, recorded.results());
            } else if (event != null && event.event() instanceof RunResumed) {
                forgetFailed(event.runId());
            }
        }
    }

    /** Those that have got a result; a result that is there already stays. */
    private void add(RecordedEvent event, List<ItemResult> results) {
        Integer[] indexes = results.stream().map(ItemResult::index).toArray(Integer[]::new);
        String[] statuses = results.stream()
                .map(result -> result.error() == null ? "succeeded" : "failed")
                .toArray(String[]::new);
        jdbc.sql("""
                        insert into view.item (run_id, index, status, sequence)
                        select ?, index, status, ? from unnest(?::integer[], ?::text[]) as result (index, status)
                        on conflict (run_id, index) do nothing""")
                .params(event.runId().value(), event.sequence(), indexes, statuses)
                .update();
    }

    /** Those that will be run again. */
    private void forgetFailed(RunId run) {
        jdbc.sql("delete from view.item where run_id = ? and status = 'failed'")
                .param(run.value())
                .update();
    }

    /** Empties the view before it is filled again. */
    @ResetHandler
    public void reset() {
        jdbc.sql("truncate table view.item").update();
    }
}

package io.runledger.query.item;

import io.runledger.api.ItemResult;
import io.runledger.api.RunEvent.RunItemsRecorded;
import io.runledger.api.RunEvent.RunResumed;
import io.runledger.api.RunId;
import io.runledger.query.projection.ProjectionConfiguration;
import java.util.List;
import org.axonframework.config.ProcessingGroup;
import org.axonframework.eventhandling.DomainEventMessage;
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

    /** Adds the items that have got a result; a result that is there already stays. */
    @EventHandler
    public void on(RunItemsRecorded recorded, DomainEventMessage<?> message) {
        List<ItemResult> results = recorded.results();
        Integer[] indexes = results.stream().map(ItemResult::index).toArray(Integer[]::new);
        String[] statuses = results.stream()
                .map(result -> result.error() == null ? "succeeded" : "failed")
                .toArray(String[]::new);
        jdbc.sql("""
                        insert into view.item (run_id, index, status, sequence)
                        select ?, index, status, ? from unnest(?::integer[], ?::text[]) as result (index, status)
                        on conflict (run_id, index) do nothing""")
                .params(
                        RunId.of(message.getAggregateIdentifier()).value(),
                        message.getSequenceNumber(),
                        indexes,
                        statuses)
                .update();
    }

    /** Forgets the items that will be run again. */
    @EventHandler
    public void on(RunResumed resumed, DomainEventMessage<?> message) {
        jdbc.sql("delete from view.item where run_id = ? and status = 'failed'")
                .param(RunId.of(message.getAggregateIdentifier()).value())
                .update();
    }

    /** Empties the view before it is filled again. */
    @ResetHandler
    public void reset() {
        jdbc.sql("truncate table view.item").update();
    }
}

package io.runledger.query.item;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.ItemResult;
import io.runledger.api.Json;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunItemsRecorded;
import io.runledger.api.RunEvent.RunResumed;
import io.runledger.query.TestDatabase;
import java.util.List;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The view of items: what it keeps, and that it may be told things twice. */
class ItemProjectionTest {

    private static final String RUN = "01KGA0C8G0000000000000000A";
    private static final RunError ERROR = new RunError("broken", "did not work", null, null);
    private static final RunItemsRecorded SOME =
            new RunItemsRecorded(List.of(new ItemResult(0, new Json("1"), null), new ItemResult(7, null, ERROR)));

    private final ItemProjection items = new ItemProjection(TestDatabase.jdbc());

    @BeforeEach
    void empty() {
        items.reset();
    }

    private static DomainEventMessage<?> at(long sequence, RunEvent event) {
        return new GenericDomainEventMessage<>("Run", RUN, sequence, event);
    }

    private static List<String> rows() {
        return TestDatabase.jdbc()
                .sql("select index || ' ' || status || ' ' || sequence from view.item order by index")
                .query(String.class)
                .list();
    }

    @Test
    void an_item_with_a_result_has_a_row_that_says_where_it_is() {
        items.on(SOME, at(5, SOME));
        items.on(SOME, at(5, SOME));

        assertThat(rows()).containsExactly("0 succeeded 5", "7 failed 5");
    }

    @Test
    void a_resumed_batch_forgets_what_failed_until_it_has_another_result() {
        RunResumed resumed = new RunResumed(null, null);
        RunItemsRecorded again = new RunItemsRecorded(List.of(new ItemResult(7, new Json("2"), null)));
        items.on(SOME, at(5, SOME));
        items.on(resumed, at(7, resumed));
        assertThat(rows()).containsExactly("0 succeeded 5");

        items.on(again, at(10, again));
        assertThat(rows()).containsExactly("0 succeeded 5", "7 succeeded 10");
        items.reset();
        assertThat(rows()).isEmpty();
    }
}

package io.runledger.query.item;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.ItemResult;
import io.runledger.api.Json;
import io.runledger.api.RunError;
import io.runledger.api.RunEvent;
import io.runledger.api.RunEvent.RunItemsRecorded;
import io.runledger.api.RunEvent.RunResumed;
import io.runledger.api.RunId;
import io.runledger.query.Recorded;
import io.runledger.query.TestDatabase;
import io.runledger.query.projection.EventBatch;
import io.runledger.query.projection.ReadEvent;
import io.runledger.query.projection.RecordedEvent;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The view of items: what it keeps, and that it may be told things twice. */
class ItemProjectionTest {

    private static final RunId RUN = Recorded.id(1);
    private static final RunError ERROR = new RunError("broken", "did not work", null, null);
    private static final RunItemsRecorded SOME =
            new RunItemsRecorded(List.of(new ItemResult(0, new Json("1"), null), new ItemResult(7, null, ERROR)));

    private final ItemProjection items = new ItemProjection(TestDatabase.jdbc());

    @BeforeEach
    void empty() {
        items.reset();
    }

    private static EventBatch at(long sequence, RunEvent event) {
        RecordedEvent recorded =
                new RecordedEvent(RUN, sequence, sequence, Recorded.START, Recorded.START, "tester", "default", event);
        return new EventBatch(List.of(new ReadEvent(RUN, "default", sequence, sequence, recorded, null)), sequence);
    }

    private static List<String> rows() {
        return TestDatabase.jdbc()
                .sql("select index || ' ' || status || ' ' || sequence from view.item order by index")
                .query(String.class)
                .list();
    }

    @Test
    void an_item_with_a_result_has_a_row_that_says_where_it_is() {
        items.on(at(5, SOME));
        items.on(at(5, SOME));

        assertThat(rows()).containsExactly("0 succeeded 5", "7 failed 5");
    }

    @Test
    void a_resumed_batch_forgets_what_failed_until_it_has_another_result() {
        RunResumed resumed = new RunResumed(null, null);
        RunItemsRecorded again = new RunItemsRecorded(List.of(new ItemResult(7, new Json("2"), null)));
        items.on(at(5, SOME));
        items.on(at(7, resumed));
        assertThat(rows()).containsExactly("0 succeeded 5");

        items.on(at(10, again));
        assertThat(rows()).containsExactly("0 succeeded 5", "7 succeeded 10");
        items.reset();
        assertThat(rows()).isEmpty();
    }
}

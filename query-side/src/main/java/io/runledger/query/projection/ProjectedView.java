package io.runledger.query.projection;

import java.util.List;
import java.util.Optional;

/**
 * A view that is kept in generations: tables {@code view.<name>_<number>} with a row per run and at least the columns
 * {@code id}, {@code project}, {@code version} and {@code position} (of the run's last event in the row).
 */
public interface ProjectedView {

    /** The name of the view, of its processor, and of the SQL view on the generation that serves. */
    String name();

    /** Goes up with every change after which old rows are wrong; the view is then built again at the next start. */
    int schemaVersion();

    /** Writes into a generation whatever it holds already. */
    Writer writer(int generation);

    /** Writes into a generation that nobody else writes to, and that holds exactly the events before. */
    Writer soleWriter(int generation);

    /** One statement, or none, that puts the view's triggers on this table, whose rows are there already. */
    default Optional<String> triggers(String table) {
        return Optional.empty();
    }

    /** Folds events into the rows of one generation; not for use by several threads. */
    interface Writer {

        /** Adds these events in the caller's transaction; one that is in its row already changes nothing. */
        void write(List<RecordedEvent> events);

        /** Lets go of what it remembers of rows: after a rollback they are not what it wrote. */
        void forget();
    }
}

package io.runledger.command.store;

import java.sql.SQLException;
import java.util.Objects;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.jdbc.support.SQLExceptionTranslator;

/** Turns what the driver throws into what the rest understands: is the database away, or is this a fault of ours? */
final class StoreFailure {

    private static final SQLExceptionTranslator TRANSLATOR = new SQLExceptionSubclassTranslator();

    private StoreFailure() {}

    static RuntimeException of(String what, SQLException cause) {
        DataAccessException translated = TRANSLATOR.translate(what, null, cause);
        return Objects.requireNonNullElseGet(translated, () -> new EventStoreException("cannot " + what, cause));
    }
}

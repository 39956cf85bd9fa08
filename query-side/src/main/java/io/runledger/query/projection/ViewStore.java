package io.runledger.query.projection;

import io.runledger.query.project.ProjectReader;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/** Where one view is kept: its generations, its dead letters, the book of its rebuilds, and the way to write into it. */
public final class ViewStore {

    private final ProjectedView view;
    private final ProjectReader reader;
    private final DataSource dataSource;
    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final TransactionTemplate savepoints;
    private final Generations generations;
    private final DeadLetters letters;
    private final Rebuilds rebuilds;
    private volatile @Nullable Live live;

    /** The writer of the generation that serves, kept from batch to batch. */
    private record Live(int generation, ParkingWriter writer) {}

    public ViewStore(ProjectedView view, DataSource dataSource, ProjectReader reader) {
        this.view = view;
        this.reader = reader;
        this.dataSource = dataSource;
        this.jdbc = JdbcClient.create(dataSource);
        PlatformTransactionManager manager = new JdbcTransactionManager(dataSource);
        this.transactions = new TransactionTemplate(manager);
        this.savepoints = new TransactionTemplate(manager);
        savepoints.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        this.generations = new Generations(jdbc, view.name());
        this.letters = new DeadLetters(jdbc, reader, view.name());
        this.rebuilds = new Rebuilds(jdbc, transactions, generations, view);
    }

    /** Adds these events to the generation that serves, in the caller's transaction, until whose end no other one will. */
    public void write(List<ReadEvent> events) {
        int generation = generations.holdServing();
        Live current = live;
        if (current == null || current.generation() != generation) {
            current = new Live(generation, parking(view.writer(generation), generation));
            live = current;
        }
        current.writer().write(events);
    }

    /** Empties the generation that serves, so that it can be filled again from the first event. */
    public void clear() {
        transactions.executeWithoutResult(_ -> {
            int serving = generations.lockServing().generation();
            jdbc.sql("truncate table " + generations.table(serving)).update();
            jdbc.sql("delete from view.dead_letter where projection = ? and generation = ?")
                    .params(view.name(), serving)
                    .update();
        });
    }

    /** A writer for a generation that is being built. */
    ParkingWriter builder(int generation) {
        return parking(view.soleWriter(generation), generation);
    }

    private ParkingWriter parking(ProjectedView.Writer writer, int generation) {
        return new ParkingWriter(writer, letters, generation, savepoints);
    }

    ProjectedView view() {
        return view;
    }

    DataSource dataSource() {
        return dataSource;
    }

    JdbcClient jdbc() {
        return jdbc;
    }

    ProjectReader reader() {
        return reader;
    }

    TransactionOperations transactions() {
        return transactions;
    }

    Generations generations() {
        return generations;
    }

    DeadLetters letters() {
        return letters;
    }

    Rebuilds rebuilds() {
        return rebuilds;
    }
}

package io.runledger.query.run;

import io.runledger.query.projection.ProjectedView;
import io.runledger.query.projection.ProjectionConfiguration;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The view of runs as tables {@code view.run_<n>} that are filled by the {@link RunFold}. */
final class RunGenerations implements ProjectedView {

    /** Goes up with every change of {@link RunFold} or of the columns after which rows that exist are wrong. */
    static final int SCHEMA_VERSION = 2;

    private final DataSource dataSource;
    private final JdbcClient jdbc;
    private final RunRows.Fold fold;
    private final int schemaVersion;

    RunGenerations(DataSource dataSource) {
        this(dataSource, RunFold::apply, SCHEMA_VERSION);
    }

    RunGenerations(DataSource dataSource, RunRows.Fold fold, int schemaVersion) {
        this.dataSource = dataSource;
        this.jdbc = JdbcClient.create(dataSource);
        this.fold = fold;
        this.schemaVersion = schemaVersion;
    }

    @Override
    public String name() {
        return ProjectionConfiguration.RUN;
    }

    @Override
    public int schemaVersion() {
        return schemaVersion;
    }

    @Override
    public Writer writer(int generation) {
        return new RunRows(new RunTable(jdbc, generation), fold, null);
    }

    @Override
    public Writer soleWriter(int generation) {
        return new RunRows(new RunTable(jdbc, generation), fold, new RunCopy(dataSource, generation));
    }

    @Override
    public Optional<String> triggers(String table) {
        return Optional.of("call view.attach_counts('%s', '%s')".formatted(table, table.substring("view.".length())));
    }
}

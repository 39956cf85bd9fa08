package io.runledger.command.definition;

import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The definitions of a test's database, for tests of what asks for them. */
public final class TestDefinitions {

    private TestDefinitions() {}

    /** With limits that nobody meets. */
    public static Definitions on(DataSource dataSource) {
        DefinitionLimits limits =
                new DefinitionLimits(100, 10_000, 1_000, 1_000_000, 100, Duration.ofSeconds(10), 1_000_000);
        return new Definitions(new DefinitionStore(JdbcClient.create(dataSource)), limits, _ -> false, Duration.ZERO);
    }
}

package io.runledger.server.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.postgres.LocalPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Making an empty database ready, by several nodes that were started together. */
class DatabasePreparationTest {

    private static final int NODES = 4;

    @TempDir
    Path data;

    @Test
    void nodes_that_start_together_on_a_new_database_all_come_up() throws Exception {
        try (LocalPostgres postgres = LocalPostgres.start(data, Path.of("target", "postgres-programs"));
                ExecutorService nodes = Executors.newFixedThreadPool(NODES)) {
            DatabaseLogin login = new DatabaseLogin(postgres.jdbcUrl(), postgres.user(), postgres.password());
            CountDownLatch ready = new CountDownLatch(NODES);
            List<Future<Boolean>> prepared = new ArrayList<>();
            for (int node = 0; node < NODES; node++) {
                prepared.add(nodes.submit(() -> {
                    ready.countDown();
                    ready.await();
                    return DatabasePreparation.prepare(login, Duration.ZERO);
                }));
            }
            for (Future<Boolean> one : prepared) {
                assertThat(one.get()).isTrue();
            }
        }
    }
}

package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Clients that send far too much, many at once, while others go on with their work. */
@RunningLedger
@Timeout(180)
class HostileClientsIT {

    private static final int CLIENTS = 50;
    private static final int ATTACKS = Boolean.getBoolean("runledger.thorough") ? 20 : 1;
    private static final long MIB = 1 << 20;
    private static final int CHUNK = 1 << 16;

    private final int port;
    private final LedgerClient ledger;
    private final Events events;

    HostileClientsIT(@LocalServerPort int port, DataSource database) {
        this.port = port;
        this.ledger = new LedgerClient(port);
        this.events = new Events(database);
    }

    @Test
    void a_body_of_a_gigabyte_is_refused_by_its_length() throws IOException {
        try (RawConnection connection = new RawConnection(port)) {
            connection.send(
                    RawConnection.head("POST /v1/runs", "Content-Type: application/json", "Content-Length: 1073741824")
                            + "{");
            connection.answer().isProblem(413, "too_large");
        }
    }

    @Test
    void a_chunked_body_of_a_gigabyte_is_read_for_a_few_megabytes_only() throws IOException {
        long pushed = pushedBeforeRefusal("/v1/runs", "application/json");
        System.out.printf("M1: of a body of a gigabyte %d KiB were sent until it was refused%n", pushed >> 10);
        assertThat(pushed).isLessThan(8 * MIB);
    }

    /** How many bytes of an endless JSON text could be sent until the connection was closed; the kernel keeps some of them. */
    private long pushedBeforeRefusal(String path, String type) throws IOException {
        byte[] chunk = ("10000\r\n" + "[".repeat(CHUNK) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        long pushed = 0;
        try (RawConnection connection = new RawConnection(port).keepingLittle()) {
            connection.send(RawConnection.head("POST " + path, "Content-Type: " + type, "Transfer-Encoding: chunked"));
            OutputStream out = connection.out();
            while (pushed < 1024 * MIB) {
                try {
                    out.write(chunk);
                } catch (IOException e) {
                    return pushed;
                }
                pushed += CHUNK;
            }
        }
        return pushed;
    }

    @Test
    void a_body_that_never_comes_holds_nobody_up() throws IOException {
        List<RawConnection> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                RawConnection connection = new RawConnection(port);
                connection.send(
                        RawConnection.head("POST /v1/runs", "Content-Type: application/json", "Content-Length: 100"));
                silent.add(connection);
            }
            ledger.queued();
        } finally {
            for (RawConnection connection : silent) {
                connection.close();
            }
        }
    }

    @Test
    void fifty_hostile_clients_at_once_leave_the_good_ones_alone() throws Exception {
        List<String> good = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            good.add(ledger.queued());
        }
        long before = events.count();
        long heap = usedHeap();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> hostile = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int kind = i;
                hostile.add(executor.submit(() -> {
                    for (int attack = 0; attack < ATTACKS; attack++) {
                        attack(kind);
                    }
                    return null;
                }));
            }
            long slowest = 0;
            int commands = 0;
            while (hostile.stream().anyMatch(client -> !client.isDone())) {
                long start = System.nanoTime();
                if (commands < good.size()) {
                    ledger.post("/v1/runs/" + good.get(commands++) + "/start", "{}")
                            .is(200);
                } else {
                    ledger.get("/v1/runs/" + good.getLast()).is(200);
                }
                slowest = Math.max(slowest, System.nanoTime() - start);
            }
            for (Future<?> client : hostile) {
                client.get();
            }
            assertThat(events.count()).isEqualTo(before + commands);
            assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(20));
            System.out.printf(
                    "M1: %d hostile clients at once, %d attacks each; the slowest of the good answers took %d ms%n",
                    CLIENTS, ATTACKS, slowest / 1_000_000);
        }
        long risen = usedHeap() - heap;
        System.out.printf("M1: afterwards %d KiB more of heap are in use%n", risen >> 10);
        assertThat(risen).isLessThan(64 * MIB);
    }

    private void attack(int kind) throws IOException {
        switch (kind % 5) {
            case 0 -> pushedBeforeRefusal("/v1/runs", "application/json");
            case 1 -> {
                String deep = "{\"target\": \"task:t\", \"input\": " + "[".repeat(500_000) + "]".repeat(500_000) + "}";
                for (int i = 0; i < 5; i++) {
                    ledger.post("/v1/runs", deep).isProblem(400, "bad_request");
                }
            }
            case 2 -> {
                String lines = ("{\"command\": \"" + "x".repeat(100_000) + "\"}\n").repeat(20);
                ledger.stream(BodyPublishers.ofString(lines)).is(200);
            }
            case 3 -> {
                String digits = "{\"target\": \"task:t\", \"priority\": " + "9".repeat(1_000_000) + "}";
                for (int i = 0; i < 5; i++) {
                    ledger.post("/v1/runs", digits).isProblem(400, "bad_request");
                }
            }
            default -> {
                String tokens = "{\"target\": \"nothing\", \"input\": [" + "1,".repeat(200_000) + "1]}";
                for (int i = 0; i < 5; i++) {
                    ledger.post("/v1/runs", tokens).isProblem(400, "bad_request");
                }
            }
        }
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}

package io.runledger.server.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/** The port of one ledger's PostgreSQL: chosen once and kept for as long as nobody else takes it. */
record Port(Path file) {

    // Below the range from which systems take ports for outgoing connections, so ours stays free between two starts.
    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 30_000;
    private static final int ATTEMPTS = 100;

    int choose() throws IOException {
        var remembered = remembered();
        if (remembered > 0 && isFree(remembered)) {
            return remembered;
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var candidate = RandomGenerator.getDefault().nextInt(LOWEST, HIGHEST);
            if (isFree(candidate)) {
                PrivateFiles.write(file, candidate + "\n");
                return candidate;
            }
        }
        throw new LocalPostgresFailure(
                "No free port on 127.0.0.1 between %d and %d. Free one and start again.".formatted(LOWEST, HIGHEST));
    }

    private int remembered() throws IOException {
        var text = Files.exists(file) ? Files.readString(file).strip() : "";
        return text.matches("\\d{4,5}") && Integer.parseInt(text) < 65_536 ? Integer.parseInt(text) : 0;
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}

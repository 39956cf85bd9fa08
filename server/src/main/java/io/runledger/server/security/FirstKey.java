package io.runledger.server.security;

import io.runledger.server.CannotStart;
import io.runledger.server.LedgerSettings;
import io.runledger.server.access.ApiKeys;
import io.runledger.server.access.Secret;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;

/**
 * The first admin key: the one of the settings, or one that is made at the first start, printed once and kept in the
 * data directory, readable by its owner only.
 */
final class FirstKey implements ApplicationListener<WebServerInitializedEvent> {

    private static final int SHORTEST_KEY = 16;
    private static final String FILE = "api-key";

    private final ApiKeys keys;
    private final LedgerSettings settings;
    private final PrintStream console;
    private @Nullable String newKey;

    FirstKey(ApiKeys keys, LedgerSettings settings, PrintStream console) {
        this.keys = keys;
        this.settings = settings;
        this.console = console;
    }

    /** Puts the key in place before the first request can come. */
    void ensure() {
        String given = settings.apiKey();
        if (given != null && !given.isEmpty()) {
            if (given.length() < SHORTEST_KEY) {
                throw new CannotStart("RUNLEDGER_API_KEY is too short: at least " + SHORTEST_KEY
                        + " characters, like the output of: openssl rand -hex 32");
            }
            keys.putFirst(given);
        } else if (!keys.hasFirst()) {
            // The file comes first: a crash in between must not leave a key that nobody knows.
            newKey = keep(settings.dataDir().resolve(FILE));
            keys.putFirst(newKey);
        }
    }

    /** Tells the new key when it can be used: the port is known now. */
    @Override
    public void onApplicationEvent(WebServerInitializedEvent event) {
        if (newKey == null || "management".equals(event.getApplicationContext().getServerNamespace())) {
            return;
        }
        int port = event.getWebServer().getPort();
        console.printf("""

                The first key of this ledger, shown this once and kept in %s:

                    curl -H 'x-api-key: %s' http://localhost:%d/v1/runs

                """, settings.dataDir().resolve(FILE), newKey, port);
        newKey = null;
    }

    private static String keep(Path file) {
        try {
            if (Files.exists(file)) {
                return Files.readString(file).strip();
            }
            Files.createDirectories(file.toAbsolutePath().getParent());
            String key = Secret.of(ApiKeys.FIRST).reveal();
            Path draft = Files.createTempFile(
                    file.toAbsolutePath().getParent(),
                    FILE,
                    ".new",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(draft, key + "\n");
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            return key;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot keep the first key in " + file + "; make the folder writable or set RUNLEDGER_API_KEY", e);
        }
    }
}

package io.runledger.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a workload plays on: its database, the ledger on it, and the settings. Closed when the workload has ended. */
public final class Stage implements AutoCloseable {

    private final Settings settings;
    private final Path folder;
    private final Consumer<String> told;
    private @Nullable Database database;
    private @Nullable Ledger ledger;
    private @Nullable Profile profile;

    /**
     * An empty stage.
     *
     * @param folder of this workload
     * @param told what happens, a line each
     */
    Stage(Settings settings, Path folder, Consumer<String> told) {
        this.settings = settings;
        this.folder = folder;
        this.told = told;
    }

    public Settings settings() {
        return settings;
    }

    /** Another one with a PostgreSQL of its own, for what is compared with this one; whoever asks for it closes it. */
    public Stage beside(String name) {
        return new Stage(settings.onItsOwn(), folder.resolve(name), told);
    }

    /** Tells people how far it is. */
    public void tell(String line) {
        told.accept(line);
    }

    /** The database, which is started when it is asked for first. */
    public Database database() throws IOException, SQLException {
        if (database == null) {
            Files.createDirectories(folder);
            database = settings.url().isEmpty()
                    ? Database.own(folder.resolve("data").toAbsolutePath(), settings.log())
                    : Database.given(settings.url());
        }
        return database;
    }

    /** The ledger on the database, which is started when it is asked for first. */
    public Ledger ledger() throws IOException, SQLException, InterruptedException {
        if (ledger == null) {
            ledger = Ledger.start(database(), folder);
        }
        return ledger;
    }

    /** Stops the ledger, so that it is started anew when it is asked for; its profile is kept. */
    public void stopLedger() throws IOException {
        if (ledger != null) {
            ledger.close();
            profile = ledger.profile();
            ledger = null;
        }
    }

    /** How a ledger is started on the database inside this process. */
    public String[] arguments() throws IOException, SQLException {
        System.setProperty("disable-axoniq-console-message", "true");
        Stream<String> usual = Stream.of(
                "--server.port=0",
                "--runledger.api-key=" + Ledger.KEY,
                "--runledger.data-dir=" + folder.resolve("data"));
        Stream<String> ofDatabase = database().environment().entrySet().stream()
                .map(setting ->
                        "--" + setting.getKey().toLowerCase(Locale.ROOT).replace('_', '.') + "=" + setting.getValue());
        return Stream.concat(usual, ofDatabase).toArray(String[]::new);
    }

    /** Does it, and keeps where this process spent its time meanwhile. */
    public void recorded(Profile.Action action) throws Exception {
        profile = Profile.during(folder.resolve("inside.jfr"), action);
    }

    /** Where the last ledger that was stopped spent its time; null when there was none. */
    @Nullable
    Profile profile() {
        return profile;
    }

    @Override
    public void close() throws IOException {
        try {
            stopLedger();
        } finally {
            if (database != null) {
                database.close();
            }
        }
    }
}

package io.runledger.server.proof;

import io.runledger.api.FieldError;
import io.runledger.api.Problem;
import io.runledger.command.json.JsonBodies;
import io.runledger.server.proof.Proofs.Progress;
import io.runledger.server.proof.Proofs.Step;
import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.support.TransactionOperations;

/**
 * {@code java -jar runledger.jar verify}: checks a record without a running ledger, from an export or in a database. It
 * answers 0 when all is as it was written, 1 when something is not, 2 when it cannot tell.
 */
public final class VerifyCommand {

    /** What it is called by. */
    public static final String NAME = "verify";

    static final int RIGHT = 0;
    static final int WRONG = 1;
    static final int UNKNOWN = 2;

    private static final String EVENTS = "--events";
    private static final String DATABASE = "--database";
    private static final String PROJECT = "--project";
    private static final String CHECKPOINT = "--checkpoint";
    private static final String PUBLIC_KEY = "--public-key";
    private static final Set<String> OPTIONS = Set.of(EVENTS, DATABASE, PROJECT, CHECKPOINT, PUBLIC_KEY);

    private static final String USAGE = """
            usage: java -jar runledger.jar verify (--events FILE | --database JDBC_URL) [--project SLUG]
                   [--checkpoint FILE --public-key FILE]

              --events      the answer to GET /v1/export?what=events, complete and without filters
              --database    jdbc:postgresql://HOST/NAME; user and password: RUNLEDGER_DATABASE_USER, _PASSWORD
              --project     whose events they are; the checkpoint's, or default
              --checkpoint  one answer to GET or POST /v1/checkpoints that was kept
              --public-key  public_key of GET /v1/checkpoints/key, kept apart from the ledger

            answers 0: as it was written; 1: not so; 2: cannot tell""";

    private final Map<String, String> options;
    private final Map<String, String> environment;
    private final PrintStream out;

    private VerifyCommand(Map<String, String> options, Map<String, String> environment, PrintStream out) {
        this.options = options;
        this.environment = environment;
        this.out = out;
    }

    /** What keeps it from telling. */
    private static final class CannotTell extends Exception {

        private static final long serialVersionUID = 1L;

        CannotTell(String message) {
            super(message);
        }
    }

    /** Checks what these arguments name and prints what it found; the code to exit with. */
    public static int run(List<String> arguments, Map<String, String> environment, PrintStream out) {
        try {
            Map<String, String> options = options(arguments);
            return new VerifyCommand(options, environment, out).verify();
        } catch (CannotTell | IOException e) {
            out.println("cannot tell: " + e.getMessage());
        } catch (DataAccessException e) {
            out.println("cannot tell: the database does not answer: "
                    + e.getMostSpecificCause().getMessage());
        }
        return UNKNOWN;
    }

    private static Map<String, String> options(List<String> arguments) throws CannotTell {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < arguments.size(); i += 2) {
            String name = arguments.get(i);
            if (!OPTIONS.contains(name) || i + 1 == arguments.size() || options.containsKey(name)) {
                throw new CannotTell("what " + name + " stands for\n" + USAGE);
            }
            options.put(name, arguments.get(i + 1));
        }
        if (options.containsKey(EVENTS) == options.containsKey(DATABASE)) {
            throw new CannotTell("which record\n" + USAGE);
        }
        if (options.containsKey(CHECKPOINT) != options.containsKey(PUBLIC_KEY)) {
            throw new CannotTell("a checkpoint without the key that signed it\n" + USAGE);
        }
        return options;
    }

    private int verify() throws CannotTell, IOException {
        Checkpoint kept = options.containsKey(CHECKPOINT) ? checkpoint() : null;
        if (kept != null && !publicKey().hasSigned(kept)) {
            out.println("the checkpoint was not signed with this key, or a part of it was changed");
            return WRONG;
        }
        String project = options.getOrDefault(PROJECT, kept == null ? "default" : kept.project());
        if (kept != null && !kept.project().equals(project)) {
            throw new CannotTell("the checkpoint is of project " + kept.project());
        }
        long start = System.nanoTime();
        Progress end = options.containsKey(EVENTS) ? inExport(project, kept) : inDatabase(project, kept);
        return tell(end, kept, Duration.ofNanos(System.nanoTime() - start));
    }

    private Progress inExport(String project, @Nullable Checkpoint kept) throws CannotTell, IOException {
        ProjectRecord record = new ProjectRecord(project);
        if (kept != null) {
            record.expect(kept);
        }
        try (BufferedReader lines = Files.newBufferedReader(path(EVENTS))) {
            long end = new ExportFile(lines, project).read(record::add);
            if (kept != null && kept.position() > end) {
                throw new CannotTell("the export ends at position " + end + ", before the checkpoint");
            }
            record.passed(end);
            tellOf(record);
            return new Progress(end, record, null, kept == null ? null : record.matched(kept));
        }
    }

    private Progress inDatabase(String project, @Nullable Checkpoint kept) {
        DriverManagerDataSource database = new DriverManagerDataSource(
                Objects.requireNonNull(options.get(DATABASE)),
                environment.getOrDefault("RUNLEDGER_DATABASE_USER", ""),
                environment.getOrDefault("RUNLEDGER_DATABASE_PASSWORD", ""));
        JdbcClient jdbc = JdbcClient.create(database);
        Checkpoints own = new Checkpoints(jdbc, TransactionOperations.withoutTransaction());
        Proofs proofs = new Proofs(jdbc, own, _ -> false, new ProofSettings(Duration.ZERO, 500_000, 0, 1));
        Step step = new Step(Progress.none(project), false);
        while (!step.done()) {
            step = proofs.step(Progress.read(project, step.progress().print()), kept);
            tellOf(step.progress().record());
        }
        return step.progress();
    }

    private void tellOf(ProjectRecord record) {
        record.told().forEach(out::println);
    }

    private int tell(Progress end, @Nullable Checkpoint kept, Duration took) {
        ProjectRecord record = end.record();
        long events = record.tree().size();
        double seconds = Math.max(took.toNanos() / 1e9, 1e-3);
        out.printf(
                "%d events of %d runs of project %s up to position %d, in %.1f s (%.0f a second)%n",
                events, record.runs(), record.project(), end.position(), seconds, events / seconds);
        out.printf("root %s%n", HexFormat.of().formatHex(record.tree().root()));
        if (kept != null) {
            boolean contained = Boolean.TRUE.equals(end.contained());
            out.printf(
                    "the checkpoint of position %d is signed, and %s%n",
                    kept.position(), contained ? "all of it is there" : "the record is not the one it was made of");
        }
        out.println(
                record.faults() == 0
                        ? "all as it was written"
                        : record.faults() + " things are not as they were written");
        return record.faults() == 0 ? RIGHT : WRONG;
    }

    private Checkpoint checkpoint() throws CannotTell, IOException {
        try (ValidatorFactory validation = Validation.buildDefaultValidatorFactory()) {
            return new JsonBodies(validation.getValidator(), 2, 1)
                    .read(Checkpoint.class, Files.readString(path(CHECKPOINT)));
        } catch (Problem e) {
            List<String> errors = e.errors().stream()
                    .map((FieldError error) -> error.pointer() + " " + error.detail())
                    .toList();
            throw new CannotTell("the checkpoint cannot be read: " + String.join("; ", errors));
        }
    }

    private PublicCheckpointKey publicKey() throws CannotTell, IOException {
        try {
            return PublicCheckpointKey.of(Files.readString(path(PUBLIC_KEY)));
        } catch (IllegalArgumentException e) {
            throw new CannotTell("the public key cannot be read: it must be PEM");
        }
    }

    private Path path(String option) throws CannotTell {
        try {
            Path path = Path.of(String.valueOf(options.get(option)));
            if (!Files.isReadable(path)) {
                throw new CannotTell("there is no file " + path + " that can be read");
            }
            return path;
        } catch (InvalidPathException e) {
            throw new CannotTell("what " + option + " names is no file");
        }
    }
}

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PushbackReader;
import java.io.Reader;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Imports an event log, a CSV file with one line for each thing that happened to a case, into a Runledger: each case
 * becomes a run, each line a note of it. Everything goes through one POST /v1/commands. Every command has an id that
 * depends on the file only, so an import that broke off is simply started again: nothing is written twice.
 */
final class ImportCsv {

    private static final String HELP = """
            Imports an event log (CSV, one line for each step of a case) into a Runledger.

            usage: java examples/ImportCsv.java [options] FILE

            where it goes
              --url URL             the ledger                        http://localhost:8080
              --key-file FILE       holds the API key, unless RUNLEDGER_API_KEY is set   ./data/api-key
              --target KIND:NAME    what the cases are runs of        process:receipt
              --dry-run             print the commands, send nothing

            columns of the file
              --case COLUMN         which case; the run's key         case:concept:name
              --activity COLUMN     what happened; the note's type    concept:name
              --time COLUMN         when it happened                  time:timestamp
              --start COLUMN        when the case began               case:startdate
              --end COLUMN          when the case ended; a case without one is left running   case:enddate
              --label NAME=COLUMN   a label of the run; may repeat    department=case:department
                                    group=case:group channel=case:channel
              --no-labels           no labels at all

            The remaining columns go into the note's payload, except those that begin with "case:".
            Times: ISO 8601, with T or a space; without an offset they are taken as UTC.
            Run it again after an interruption: what is there already is not written twice.
            """;

    private static final String COMMANDS = "/v1/commands";
    private static final int PROGRESS_LINES = 2_000;
    private static final int SHOWN_REFUSALS = 20;

    private ImportCsv() {}

    /** Something that the user can mend. */
    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1L;

        Wrong(String message) {
            super(message);
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        try {
            System.exit(run(Options.read(arguments)));
        } catch (Wrong wrong) {
            System.err.println("ImportCsv: " + wrong.getMessage());
            System.exit(2);
        } catch (IOException e) {
            System.err.println("ImportCsv: " + e);
            System.exit(2);
        }
    }

    private static int run(Options options) throws IOException, InterruptedException, Wrong {
        if (options.help()) {
            System.out.print(HELP);
            return 0;
        }
        // First the whole file is checked, so that a bad line on its last page does not leave half an import behind.
        Map<String, Integer> rowsOfCase = EventLog.check(options);
        if (options.dryRun()) {
            OutputStream out = new BufferedOutputStream(System.out);
            EventLog.write(options, rowsOfCase, out, lines -> {});
            out.flush();
            return 0;
        }
        return new Upload(options, rowsOfCase).run();
    }

    /** What the command line asks for. */
    private record Options(
            boolean help,
            boolean dryRun,
            Path file,
            URI url,
            Path keyFile,
            String target,
            Map<String, String> columns,
            Map<String, String> labels) {

        static Options read(String[] arguments) throws Wrong {
            Map<String, String> given = new HashMap<>(Map.of(
                    "url", "http://localhost:8080",
                    "key-file", "./data/api-key",
                    "target", "process:receipt",
                    "case", "case:concept:name",
                    "activity", "concept:name",
                    "time", "time:timestamp",
                    "start", "case:startdate",
                    "end", "case:enddate"));
            Map<String, String> labels = new LinkedHashMap<>();
            Set<String> flags = new HashSet<>();
            String file = null;
            for (int i = 0; i < arguments.length; i++) {
                String argument = arguments[i];
                String name = argument.replaceFirst("^--", "");
                if (Set.of("--help", "-h", "--dry-run", "--no-labels").contains(argument)) {
                    flags.add(argument);
                } else if (argument.startsWith("--") && (given.containsKey(name) || name.equals("label"))) {
                    if (++i == arguments.length) {
                        throw new Wrong(argument + " needs a value; see --help");
                    }
                    if (name.equals("label")) {
                        String[] pair = arguments[i].split("=", 2);
                        if (pair.length < 2) {
                            throw new Wrong("--label wants NAME=COLUMN, not " + arguments[i]);
                        }
                        labels.put(pair[0], pair[1]);
                    } else {
                        given.put(name, arguments[i]);
                    }
                } else if (argument.startsWith("-") || file != null) {
                    throw new Wrong("unknown argument " + argument + "; see --help");
                } else {
                    file = argument;
                }
            }
            boolean help = flags.contains("--help") || flags.contains("-h");
            if (file == null && !help) {
                throw new Wrong("name the CSV file to import; see --help");
            }
            if (labels.isEmpty() && !flags.contains("--no-labels")) {
                labels.put("department", "case:department");
                labels.put("group", "case:group");
                labels.put("channel", "case:channel");
            }
            return new Options(
                    help,
                    flags.contains("--dry-run"),
                    Path.of(file == null ? "" : file),
                    url(given.get("url")),
                    Path.of(given.get("key-file")),
                    given.get("target"),
                    given,
                    labels);
        }

        private static URI url(String text) throws Wrong {
            try {
                return URI.create(text.replaceFirst("/+$", "") + COMMANDS);
            } catch (IllegalArgumentException e) {
                throw new Wrong("--url " + text + " is no URL: " + e.getMessage());
            }
        }

        String column(String purpose) {
            return columns.get(purpose);
        }

        String key() throws IOException, Wrong {
            String key = System.getenv("RUNLEDGER_API_KEY");
            if (key != null && !key.isBlank()) {
                return key.strip();
            }
            try {
                return Files.readString(keyFile).strip();
            } catch (NoSuchFileException e) {
                throw new Wrong("there is no key in " + keyFile
                        + ": set RUNLEDGER_API_KEY, or name the file with --key-file (DATA_DIR/api-key)");
            }
        }
    }

    /** One line of the file: its values by column. */
    private record Row(long line, Map<String, String> values) {

        String get(String column) {
            return values.getOrDefault(column, "");
        }

        /** The time in this column as the API takes it; null when the cell is empty. */
        String time(String column) throws Wrong {
            String text = get(column).strip();
            try {
                return text.isEmpty() ? null : instant(text);
            } catch (DateTimeException e) {
                throw new Wrong("line " + line + ", column " + column + ": \"" + text
                        + "\" is no time; write it like 2026-01-31T12:00:00+01:00");
            }
        }

        private static String instant(String text) {
            if (text.length() == "2026-01-31".length()) {
                return LocalDate.parse(text)
                        .atStartOfDay(ZoneOffset.UTC)
                        .toInstant()
                        .toString();
            }
            // 2011-10-11 13:45:40.276000+02:00 and ...+0200 and ...+02 are all in use.
            String iso = text.replaceFirst("^(\\d{4}-\\d\\d-\\d\\d)[ _]+", "$1T")
                    .replaceFirst("\\s*([+-]\\d\\d):?(\\d\\d)?$", "$1:$2")
                    .replaceFirst(":$", ":00");
            TemporalAccessor time =
                    DateTimeFormatter.ISO_DATE_TIME.parseBest(iso, OffsetDateTime::from, LocalDateTime::from);
            OffsetDateTime zoned =
                    time instanceof LocalDateTime local ? local.atOffset(ZoneOffset.UTC) : OffsetDateTime.from(time);
            return zoned.toInstant().toString();
        }
    }

    /** A CSV file as RFC 4180 has it: quoted fields may hold commas, quotes and line ends. */
    private static final class Csv implements AutoCloseable {

        private final PushbackReader in;
        private final List<String> header;
        private long line = 1;

        Csv(Path file) throws IOException, Wrong {
            in = new PushbackReader(open(file));
            int first = in.read();
            if (first != '\uFEFF' && first >= 0) {
                in.unread(first);
            }
            header = record();
            if (header == null) {
                throw new Wrong(file + " is empty");
            }
        }

        private static Reader open(Path file) throws IOException, Wrong {
            try {
                return new BufferedReader(
                        new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8.newDecoder()));
            } catch (NoSuchFileException e) {
                throw new Wrong("there is no file " + file);
            }
        }

        List<String> header() {
            return header;
        }

        /** The next line; null at the end. */
        Row next() throws IOException, Wrong {
            long at = line;
            List<String> fields = record();
            if (fields == null) {
                return null;
            }
            if (fields.size() != header.size()) {
                throw new Wrong("line " + at + " has " + fields.size() + " fields, the header has " + header.size());
            }
            Map<String, String> values = new LinkedHashMap<>();
            for (int i = 0; i < fields.size(); i++) {
                values.put(header.get(i), fields.get(i));
            }
            return new Row(at, values);
        }

        private List<String> record() throws IOException, Wrong {
            List<String> fields = new ArrayList<>();
            StringBuilder field = new StringBuilder();
            boolean quoted = false;
            boolean any = false;
            while (true) {
                int c = in.read();
                if (c < 0) {
                    if (quoted) {
                        throw new Wrong("the file ends within quotes; they began before line " + line);
                    }
                    if (any) {
                        fields.add(field.toString());
                    }
                    return any ? fields : null;
                }
                line += c == '\n' ? 1 : 0;
                if (quoted) {
                    if (c != '"') {
                        field.append((char) c);
                    } else if (!follows('"')) {
                        quoted = false;
                    } else {
                        field.append('"');
                    }
                } else if (c == '"' && field.isEmpty()) {
                    quoted = true;
                    any = true;
                } else if (c == ',') {
                    fields.add(field.toString());
                    field.setLength(0);
                    any = true;
                } else if (c == '\n' || (c == '\r' && follows('\n'))) {
                    line += c == '\r' ? 1 : 0;
                    if (any) {
                        fields.add(field.toString());
                        return fields;
                    }
                } else {
                    field.append((char) c);
                    any = true;
                }
            }
        }

        private boolean follows(char wanted) throws IOException {
            int c = in.read();
            if (c != wanted && c >= 0) {
                in.unread(c);
            }
            return c == wanted;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    /** The file, and the commands that it comes to. */
    private static final class EventLog {

        private final Options options;
        private final OutputStream out;
        private final Listener listener;
        private long lines;

        private EventLog(Options options, OutputStream out, Listener listener) {
            this.options = options;
            this.out = out;
            this.listener = listener;
        }

        /** Hears how many lines were written so far. */
        private interface Listener {
            void written(long lines);
        }

        /** Reads the file to its end; tells how many lines each case has. */
        static Map<String, Integer> check(Options options) throws IOException, Wrong {
            Map<String, Integer> rowsOfCase = new HashMap<>();
            try (Csv csv = new Csv(options.file())) {
                requireColumns(csv.header(), options);
                for (Row row = csv.next(); row != null; row = csv.next()) {
                    for (String column : List.of("case", "activity")) {
                        if (row.get(options.column(column)).isBlank()) {
                            throw new Wrong("line " + row.line() + " has nothing in column " + options.column(column));
                        }
                    }
                    for (String column : List.of("time", "start", "end")) {
                        row.time(options.column(column));
                    }
                    rowsOfCase.merge(row.get(options.column("case")), 1, Integer::sum);
                }
            }
            return rowsOfCase;
        }

        private static void requireColumns(List<String> header, Options options) throws Wrong {
            List<String> needed = new ArrayList<>();
            for (String purpose : List.of("case", "activity", "time")) {
                needed.add(options.column(purpose));
            }
            needed.addAll(options.labels().values());
            needed.removeAll(header);
            if (!needed.isEmpty()) {
                throw new Wrong(options.file() + " has no column " + String.join(", ", needed) + "; it has "
                        + String.join(", ", header) + ". Name yours with --case, --activity, --time, --label.");
            }
        }

        /** Writes the commands, one JSON object a line. A case ends after its last line, wherever that stands. */
        static long write(Options options, Map<String, Integer> rowsOfCase, OutputStream out, Listener listener)
                throws IOException, Wrong {
            EventLog log = new EventLog(options, out, listener);
            Map<String, Integer> seen = new HashMap<>();
            try (Csv csv = new Csv(options.file())) {
                for (Row row = csv.next(); row != null; row = csv.next()) {
                    String name = row.get(options.column("case"));
                    int number = seen.merge(name, 1, Integer::sum);
                    if (number == 1) {
                        log.begin(row, name);
                    }
                    log.note(row, name, number);
                    if (number == rowsOfCase.get(name)) {
                        log.end(row, name);
                    }
                }
            }
            return log.lines;
        }

        private void begin(Row row, String name) throws IOException, Wrong {
            String start = row.time(options.column("start"));
            String at = start == null ? row.time(options.column("time")) : start;
            Map<String, Object> labels = new LinkedHashMap<>();
            options.labels().forEach((label, column) -> {
                if (!row.get(column).isEmpty()) {
                    labels.put(label, row.get(column));
                }
            });
            Map<String, Object> create = command("create", null, "import-create", at);
            create.put("target", options.target());
            create.put("key", name);
            create.put("labels", labels);
            line(create);
            line(command("start", name, "import-start", at));
        }

        private void note(Row row, String name, int number) throws IOException, Wrong {
            Map<String, Object> payload = new LinkedHashMap<>();
            Set<String> used = Set.copyOf(options.columns().values());
            row.values().forEach((column, value) -> {
                if (!value.isEmpty()
                        && !used.contains(column)
                        && !options.labels().containsValue(column)
                        && !column.startsWith("case:")) {
                    payload.put(column, value);
                }
            });
            Map<String, Object> note = command("note", name, "import-" + number, row.time(options.column("time")));
            note.put("type", row.get(options.column("activity")));
            note.put("payload", payload);
            line(note);
        }

        private void end(Row row, String name) throws IOException, Wrong {
            String end = row.time(options.column("end"));
            if (end != null) {
                line(command("complete", name, "import-complete", end));
            }
        }

        private static Map<String, Object> command(String command, String key, String id, String occurredAt) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("command", command);
            if (key != null) {
                line.put("run", "key:" + key);
            }
            line.put("command_id", id);
            if (occurredAt != null) {
                line.put("occurred_at", occurredAt);
            }
            return line;
        }

        private void line(Map<String, Object> command) throws IOException {
            StringBuilder json = new StringBuilder();
            object(command, json);
            out.write(json.append('\n').toString().getBytes(StandardCharsets.UTF_8));
            listener.written(++lines);
        }

        private static void object(Map<?, ?> members, StringBuilder json) {
            String separator = "{";
            for (Map.Entry<?, ?> member : members.entrySet()) {
                json.append(separator);
                text(member.getKey().toString(), json);
                json.append(':');
                if (member.getValue() instanceof Map<?, ?> inner) {
                    object(inner, json);
                } else {
                    text(member.getValue().toString(), json);
                }
                separator = ",";
            }
            json.append(members.isEmpty() ? "{}" : "}");
        }

        private static void text(String value, StringBuilder json) {
            json.append('"');
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (c == '"' || c == '\\') {
                    json.append('\\').append(c);
                } else if (c < ' ') {
                    json.append("\\u%04x".formatted((int) c));
                } else {
                    json.append(c);
                }
            }
            json.append('"');
        }
    }

    /** One request: a thread writes the commands while the answers are read. */
    private static final class Upload {

        private final Options options;
        private final Map<String, Integer> rowsOfCase;
        private final AtomicLong sent = new AtomicLong();
        private final AtomicLong refused = new AtomicLong();

        Upload(Options options, Map<String, Integer> rowsOfCase) {
            this.options = options;
            this.rowsOfCase = rowsOfCase;
        }

        int run() throws IOException, InterruptedException, Wrong {
            PipedInputStream body = new PipedInputStream(1 << 16);
            PipedOutputStream pipe = new PipedOutputStream(body);
            FutureTask<Void> writing = new FutureTask<>(() -> {
                try (OutputStream out = new BufferedOutputStream(pipe, 1 << 14)) {
                    EventLog.write(options, rowsOfCase, out, this::progress);
                }
                return null;
            });
            HttpRequest request = HttpRequest.newBuilder(options.url())
                    .header("x-api-key", options.key())
                    .header("Content-Type", "application/x-ndjson")
                    .header("Prefer", "return=minimal")
                    .POST(HttpRequest.BodyPublishers.ofInputStream(() -> body))
                    .build();
            HttpClient client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();
            try {
                Thread writer = new Thread(writing, "csv");
                writer.setDaemon(true);
                writer.start();
                return read(client.send(request, HttpResponse.BodyHandlers.ofInputStream()), writing);
            } catch (ConnectException e) {
                throw new Wrong("nobody answers at " + options.url() + ": start the ledger, or name it with --url");
            } catch (IOException e) {
                throw new Wrong("the connection broke after " + sent + " lines (" + e
                        + "). Run the same command again: what is there already is not written twice.");
            } finally {
                // A writer that waits for room in the pipe finds its other end closed.
                body.close();
            }
        }

        private void progress(long lines) {
            sent.set(lines);
            if (lines % PROGRESS_LINES == 0) {
                System.err.printf("%,d lines sent, %,d refused%n", lines, refused.get());
            }
        }

        private int read(HttpResponse<java.io.InputStream> response, Future<Void> writing)
                throws IOException, InterruptedException, Wrong {
            String last = null;
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
                if (response.statusCode() != 200) {
                    String advice = response.statusCode() == 401
                            ? " Set RUNLEDGER_API_KEY, or name the file of the key with --key-file."
                            : "";
                    throw new Wrong("the ledger answered " + response.statusCode() + ": " + lines.readLine() + advice);
                }
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    last = line;
                    if (line.contains("\"error\"") && refused.incrementAndGet() <= SHOWN_REFUSALS) {
                        System.err.println("refused: " + line);
                    }
                }
            }
            try {
                writing.get();
            } catch (ExecutionException e) {
                throw new Wrong("reading " + options.file() + " failed: " + e.getCause());
            }
            if (last == null || !last.startsWith("{\"done\"")) {
                throw new Wrong("the answer broke off after " + sent + " lines. Run the same command again: what is"
                        + " there already is not written twice.");
            }
            int rows = rowsOfCase.values().stream().mapToInt(Integer::intValue).sum();
            System.err.printf(
                    "%,d cases, %,d rows: %,d commands sent, %,d refused%s%n",
                    rowsOfCase.size(),
                    rows,
                    sent.get(),
                    refused.get(),
                    refused.get() > SHOWN_REFUSALS ? " (the first " + SHOWN_REFUSALS + " are shown)" : "");
            return refused.get() == 0 ? 0 : 1;
        }
    }
}

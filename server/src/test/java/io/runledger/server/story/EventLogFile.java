package io.runledger.server.story;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The event log as the story itself reads it, independently of the importer that it judges. */
final class EventLogFile {

    /** A field of RFC 4180, in quotes or not, and what ends it. */
    private static final Pattern FIELD = Pattern.compile("(?:\"((?:[^\"]|\"\")*)\"|([^,\"\\r\\n]*))(,|\\r?\\n|$)");

    private EventLogFile() {}

    /** The rows of each case, in the order of the file. */
    static Map<String, List<Map<String, String>>> read(Path file) throws IOException {
        Map<String, List<Map<String, String>>> cases = new LinkedHashMap<>();
        List<List<String>> records = records(Files.readString(file));
        List<String> header = records.getFirst();
        for (List<String> fields : records.subList(1, records.size())) {
            Map<String, String> row = new LinkedHashMap<>();
            for (int i = 0; i < header.size(); i++) {
                row.put(header.get(i), fields.get(i));
            }
            cases.computeIfAbsent(row.get("case:concept:name"), _ -> new ArrayList<>())
                    .add(row);
        }
        return cases;
    }

    static Instant time(String text) {
        return OffsetDateTime.parse(text.replace(' ', 'T')).toInstant();
    }

    private static List<List<String>> records(String text) {
        List<List<String>> records = new ArrayList<>();
        List<String> fields = new ArrayList<>();
        Matcher field = FIELD.matcher(text);
        int at = 0;
        while (at < text.length() && field.find(at)) {
            if (field.start() != at) {
                throw new AssertionError("not read: " + text.substring(at, field.start()));
            }
            fields.add(field.group(1) == null ? field.group(2) : field.group(1).replace("\"\"", "\""));
            at = field.end();
            if (!field.group(3).equals(",")) {
                records.add(fields);
                fields = new ArrayList<>();
            }
        }
        return records;
    }
}

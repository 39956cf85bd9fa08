package io.runledger.server.proof;

import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads the lines of {@code GET /v1/export?what=events}, each event with the one that it follows in its run. */
final class ExportFile {

    private final BufferedReader lines;
    private final String project;
    private final JsonFactory json = CreatedKey.JSON;

    /** The last event of each run so far: about two hundred bytes a run. */
    private final Map<RunId, Link.End> ends = new HashMap<>();

    private long count;

    ExportFile(BufferedReader lines, String project) {
        this.lines = lines;
        this.project = project;
    }

    /** What cannot be read as an export; the message says where. */
    static final class Unreadable extends IOException {

        private static final long serialVersionUID = 1L;

        Unreadable(String message) {
            super(message);
        }
    }

    /**
     * Shows all events.
     *
     * @return the position up to which the export has all events
     * @throws Unreadable when it is not a complete export
     */
    long read(RecordReader.Visitor visitor) throws IOException {
        String line;
        while ((line = lines.readLine()) != null) {
            count++;
            Map<String, String> members = members(line);
            if (members.containsKey("end")) {
                return Long.parseLong(required(members, "next"));
            }
            Link link = link(members);
            RunId run = link.event().runId();
            visitor.visit(link, before(link, ends.get(run)));
            Link.End end = ends.get(run);
            if (end == null || end.sequence() < link.event().sequence()) {
                ends.put(run, link.end());
            }
        }
        throw new Unreadable("the export has no last line, so it is not complete");
    }

    /** Only the event right before it tells anything. One that comes later in the file than this one stands after it. */
    private static Link.@Nullable End before(Link link, Link.@Nullable End last) {
        return last != null && last.sequence() == link.event().sequence() - 1 ? last : null;
    }

    private Link link(Map<String, String> members) throws Unreadable {
        try {
            StoredEvent event = new StoredEvent(
                    required(members, "id"),
                    project,
                    RunId.of(required(members, "run_id")),
                    Long.parseLong(required(members, "sequence")),
                    required(members, "type"),
                    Integer.parseInt(required(members, "version")),
                    Instant.parse(required(members, "occurred_at")),
                    Instant.parse(required(members, "recorded_at")),
                    required(members, "actor"),
                    members.get("correlation_id"),
                    members.get("causation_id"),
                    members.get("command_id"),
                    new Json(required(members, "payload")));
            byte[] hash = HexFormat.of().parseHex(required(members, "hash"));
            return new Link(event, Long.parseLong(required(members, "position")), hash, true);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new Unreadable("line " + count + ": " + e.getMessage());
        }
    }

    private String required(Map<String, String> members, String name) throws Unreadable {
        String value = members.get(name);
        if (value == null) {
            throw new Unreadable("line " + count + " has no " + name);
        }
        return value;
    }

    /** The members of an object as texts; those that are objects themselves as they are written, byte by byte. */
    private Map<String, String> members(String line) throws Unreadable {
        Map<String, String> members = new HashMap<>();
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new Unreadable("line " + count + " is no event");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (value == JsonToken.VALUE_NULL) {
                    continue;
                }
                int start = (int) parser.currentTokenLocation().getCharOffset();
                boolean whole = value.isStructStart();
                parser.skipChildren();
                int end = (int) parser.currentLocation().getCharOffset();
                members.put(name, whole ? line.substring(start, end) : parser.getString());
            }
            return members;
        } catch (JacksonException e) {
            throw new Unreadable("line " + count + " is not JSON");
        }
    }
}

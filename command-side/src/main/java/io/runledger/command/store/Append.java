package io.runledger.command.store;

import io.runledger.api.Json;
import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import io.runledger.api.StoredEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The events of one command on their way to the store: all of them are written, or none. */
final class Append {

    /** An event with its content, its key, if it names a run, its hash, and the size of its payload in bytes. */
    record Row(
            StoredEvent event, RunEvent content, @Nullable String key, byte[] hash, int payloadBytes) {}

    /** An event that holds inputs of a batch: {@code count} of them, the first of which has the index {@code first}. */
    record Chunk(StoredEvent event, int first, int count) {}

    private final RunId runId;
    private final List<Row> rows = new ArrayList<>(2);
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private final List<Chunk> chunks = new ArrayList<>(0);
    private @Nullable WorkChange work;
    private @Nullable ItemChange items;
    private @Nullable TaskChange tasks;
    private int bytes;
    private long[] positions = {};

    Append(RunId runId) {
        this.runId = runId;
    }

    void add(StoredEvent event, RunEvent content, @Nullable String key, byte[] hash) {
        int payloadBytes = bytesOf(event.payload());
        rows.add(new Row(event, content, key, hash, payloadBytes));
        bytes += payloadBytes;
    }

    /** Says what the command changes in the table of work. */
    void change(@Nullable WorkChange change) {
        work = change == null ? work : change;
    }

    /** What the command changes in the table of work; null when nothing. */
    @Nullable
    WorkChange work() {
        return work;
    }

    /** Says that the event holds inputs of a batch. */
    void add(Chunk chunk) {
        chunks.add(chunk);
    }

    List<Chunk> chunks() {
        return chunks;
    }

    /** Says what the command changes for those who work on a batch's items. */
    void change(@Nullable ItemChange change) {
        items = change == null ? items : change;
    }

    /** What the command changes for those who work on a batch's items; null when nothing. */
    @Nullable
    ItemChange items() {
        return items;
    }

    /** Says what the command leaves to be done about tasks. */
    void change(@Nullable TaskChange change) {
        tasks = change == null ? tasks : change;
    }

    /** What the command leaves to be done about tasks; null when nothing. */
    @Nullable
    TaskChange tasks() {
        return tasks;
    }

    private static int bytesOf(Json payload) {
        return payload.text().getBytes(StandardCharsets.UTF_8).length;
    }

    /** What stands in the queue after the last command. */
    static Append end() {
        return new Append(new RunId(new UUID(0, 0)));
    }

    boolean isEnd() {
        return rows.isEmpty();
    }

    RunId runId() {
        return runId;
    }

    List<Row> rows() {
        return rows;
    }

    /** The payloads' size in bytes. */
    int bytes() {
        return bytes;
    }

    /** Says where in the whole ledger the events stand, in their order. */
    void stand(long[] at) {
        positions = at;
    }

    /** Where the event of this row stands in the whole ledger; known when it is durable. */
    long position(int row) {
        return positions[row];
    }

    /** Completes when the events are durable, or exceptionally when they were not written. */
    CompletableFuture<@Nullable Void> done() {
        return done;
    }
}

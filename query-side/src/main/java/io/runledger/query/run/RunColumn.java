package io.runledger.query.run;

import io.runledger.api.Artifact;
import io.runledger.api.EventHash;
import io.runledger.api.Json;
import io.runledger.api.RunId;
import io.runledger.api.RunView;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One column of {@code view.run} and the field of {@link RunRow} that goes with it.
 *
 * @param <T> what the field is
 */
record RunColumn<T>(
        String name, Form<T> form, Function<RunRow, ? extends @Nullable T> get, BiConsumer<RunRow, @Nullable T> set) {

    /** How a field is kept in a column; {@code large} values are written only when they changed. */
    record Form<T>(String sqlType, boolean large, FromColumn<T> read, Function<T, Object> write, ToBinary<T> copy) {

        private static <T> Form<T> large(FromColumn<T> read, Function<T, String> write) {
            return new Form<>("text", true, read, write::apply, (to, value) -> to.text(write.apply(value)));
        }
    }

    interface FromColumn<T> {
        @Nullable
        T read(ResultSet row, String column) throws SQLException;
    }

    interface ToBinary<T> {
        void copy(BinaryRows to, T value);
    }

    static final Form<String> TEXT = new Form<>("text", false, ResultSet::getString, text -> text, BinaryRows::text);
    static final Form<Integer> INTEGER = plain("integer", Integer.class, BinaryRows::integer);
    static final Form<Long> BIGINT = plain("bigint", Long.class, BinaryRows::bigint);
    static final Form<Double> DOUBLE = plain("double precision", Double.class, BinaryRows::number);
    static final Form<Boolean> BOOLEAN = plain("boolean", Boolean.class, BinaryRows::truth);
    static final Form<RunId> RUN_ID =
            new Form<>("uuid", false, RunColumn::runId, id -> id.value().toString(), (to, id) -> to.uuid(id.value()));
    static final Form<Instant> TIME =
            new Form<>("timestamptz", false, RunColumn::time, EventHash::time, BinaryRows::time);
    static final Form<Map<String, String>> LABELS = new Form<>(
            "jsonb",
            false,
            (row, column) -> ViewJson.labels(row.getString(column)),
            ViewJson::labels,
            (to, labels) -> to.json(ViewJson.labels(labels)));
    static final Form<Json> JSON = Form.large(RunColumn::json, Json::text);
    static final Form<Map<String, Artifact>> ARTIFACTS = Form.large(
            (row, column) -> ViewJson.artifacts(row.getString(column)),
            artifacts -> ViewJson.artifacts(artifacts.values()));

    static final Form<Map<String, RunView.Task>> TASKS = Form.large(
            (row, column) -> {
                String json = row.getString(column);
                return json == null ? null : ViewJson.tasks(json);
            },
            tasks -> ViewJson.tasks(tasks.values()));

    static final Form<RunTerms> TERMS = Form.large(
            (row, column) -> {
                String json = row.getString(column);
                return json == null ? null : ViewJson.terms(json);
            },
            ViewJson::terms);

    /** The key, which is not in {@link RunColumns}: a row has it from its making. */
    static final RunColumn<RunId> ID = new RunColumn<>("id", RUN_ID, row -> row.id, (_, _) -> {});

    static <T> RunColumn<T> optional(
            String name, Form<T> form, Function<RunRow, @Nullable T> get, BiConsumer<RunRow, @Nullable T> set) {
        return new RunColumn<>(name, form, get, set);
    }

    static <T> RunColumn<T> required(String name, Form<T> form, Function<RunRow, T> get, BiConsumer<RunRow, T> set) {
        return new RunColumn<>(name, form, get, (row, value) -> set.accept(row, Objects.requireNonNull(value)));
    }

    /** What to write of this row, as a text that the database reads into the column's type. */
    @Nullable
    Object value(RunRow row) {
        T field = get.apply(row);
        return field == null ? null : form.write().apply(field);
    }

    /** Adds the same in binary. */
    void copy(RunRow row, BinaryRows to) {
        T field = get.apply(row);
        if (field == null) {
            to.nothing();
        } else {
            form.copy().copy(to, field);
        }
    }

    /** Sets the field to what the column has. */
    void read(RunRow into, ResultSet from) throws SQLException {
        set.accept(into, form.read().read(from, name));
    }

    boolean isLarge() {
        return form.large();
    }

    private static <T> Form<T> plain(String sqlType, Class<T> type, ToBinary<T> copy) {
        return new Form<>(sqlType, false, (row, column) -> row.getObject(column, type), value -> value, copy);
    }

    private static @Nullable RunId runId(ResultSet row, String column) throws SQLException {
        UUID value = row.getObject(column, UUID.class);
        return value == null ? null : new RunId(value);
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static @Nullable Json json(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? null : new Json(text);
    }
}

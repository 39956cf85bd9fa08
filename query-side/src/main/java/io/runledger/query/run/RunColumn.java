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
 * @param value what to write, as a text that the database reads into the column's type
 * @param copier writes the same in binary
 */
record RunColumn(String name, Form<?> form, Function<RunRow, @Nullable Object> value, Copier copier, Reader reader) {

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

    interface Copier {
        void copy(RunRow from, BinaryRows to);
    }

    interface Reader {
        void read(RunRow into, ResultSet from) throws SQLException;
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
    static final RunColumn ID = required("id", RUN_ID, row -> row.id, (_, _) -> {});

    static <T> RunColumn optional(
            String name, Form<T> form, Function<RunRow, @Nullable T> get, BiConsumer<RunRow, @Nullable T> set) {
        Function<RunRow, @Nullable Object> value = row -> {
            T field = get.apply(row);
            return field == null ? null : form.write().apply(field);
        };
        Copier copier = (row, to) -> {
            T field = get.apply(row);
            if (field == null) {
                to.nothing();
            } else {
                form.copy().copy(to, field);
            }
        };
        return new RunColumn(
                name,
                form,
                value,
                copier,
                (into, from) -> set.accept(into, form.read().read(from, name)));
    }

    static <T> RunColumn required(String name, Form<T> form, Function<RunRow, T> get, BiConsumer<RunRow, T> set) {
        return new RunColumn(
                name,
                form,
                row -> form.write().apply(get.apply(row)),
                (row, to) -> form.copy().copy(to, get.apply(row)),
                (into, from) ->
                        set.accept(into, Objects.requireNonNull(form.read().read(from, name))));
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

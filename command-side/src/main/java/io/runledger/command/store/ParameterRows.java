package io.runledger.command.store;

import io.runledger.command.store.EventInsert.Parameters;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows that a statement is given as parameters: as one array for each column or, where they are few, value by value. To
 * PostgreSQL each array is a function to scan: for one event with its 16 columns half of what an append cost (ADR 11).
 *
 * @param <T> what a row is made of
 */
record ParameterRows<T>(List<Column<T>> columns) {

    private static final int FEW = 2;

    /**
     * A column.
     *
     * @param type by the name that PostgreSQL itself uses
     */
    record Column<T>(String name, String type, Function<T, @Nullable Object> value) {}

    /** Statements for so many rows are the same for two numbers of which this is the same. */
    static int shape(int rows) {
        return Math.min(rows, FEW + 1);
    }

    /** The columns' names, as in a list of columns. */
    String names() {
        return columns.stream().map(Column::name).collect(Collectors.joining(", "));
    }

    /** The rows as an item of a from clause; one more column, {@code place}, numbers them from 1. */
    String from(String alias, int shape) {
        String rows = shape > FEW
                ? columns.stream()
                        .map(column -> "?::" + column.type() + "[]")
                        .collect(Collectors.joining(", ", "unnest(", ") with ordinality"))
                : IntStream.rangeClosed(1, shape)
                        .mapToObj(this::values)
                        .collect(Collectors.joining(", ", "(values ", ")"));
        return rows + " as " + alias + " (" + names() + ", place)";
    }

    private String values(int place) {
        return columns.stream()
                .map(column -> "?::" + column.type())
                .collect(Collectors.joining(", ", "(", ", " + place + ")"));
    }

    /** Sets the parameters of {@link #from} to these rows. */
    void bind(Parameters parameters, List<T> rows) throws SQLException {
        if (shape(rows.size()) > FEW) {
            for (Column<T> column : columns) {
                parameters.array(column.type(), rows, column.value());
            }
            return;
        }
        for (T row : rows) {
            for (Column<T> column : columns) {
                parameters.value(column.type(), column.value().apply(row));
            }
        }
    }
}

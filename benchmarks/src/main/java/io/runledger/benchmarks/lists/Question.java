package io.runledger.benchmarks.lists;

import java.util.List;

/** Something that is asked again and again, with other values each time, of the ledger and of PostgreSQL. */
record Question(String name, List<Asked> asked) {

    /** The same question put both ways. */
    record Asked(String path, List<Sql> sql) {

        Asked(String path, String sql, Object... values) {
            this(path, List.of(new Sql(sql, List.of(values))));
        }
    }

    /** A statement with the values for its question marks. */
    record Sql(String text, List<Object> values) {}
}

package io.runledger.command.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.RunStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Keeps docs/run-lifecycle.md equal to the table: diagram and rows are printed from {@link RunTransition}. */
class RunLifecycleDocumentTest {

    private static final Path FILE = Path.of("..", "docs", "run-lifecycle.md");
    private static final String BEGIN = "<!-- generated from RunTransition: begin -->\n";
    private static final String END = "<!-- generated from RunTransition: end -->";
    private static final String HOW = "docs/run-lifecycle.md differs from RunTransition; write it anew with"
            + " ./mvnw test -pl shared-api,command-side -Dtest=RunLifecycleDocumentTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Drunledger.write-docs=true";

    @Test
    void the_document_shows_the_table() throws IOException {
        String document = Files.readString(FILE);
        int begin = document.indexOf(BEGIN) + BEGIN.length();
        int end = document.indexOf(END);
        assertThat(begin).as("the marker %s", BEGIN).isGreaterThanOrEqualTo(BEGIN.length());
        assertThat(end).as("the marker %s", END).isGreaterThanOrEqualTo(begin);
        String generated = diagram() + "\n" + table();
        if (Boolean.getBoolean("runledger.write-docs")) {
            Files.writeString(FILE, document.substring(0, begin) + generated + document.substring(end));
        } else {
            assertThat(document.substring(begin, end)).as(HOW).isEqualTo(generated);
        }
    }

    /** One arrow per pair of statuses, named by all the rows that take it. */
    private static String diagram() {
        Map<String, List<String>> arrows = new LinkedHashMap<>();
        for (RunTransition row : RunTransition.values()) {
            if (row.from().isEmpty()) {
                row.to().forEach(to -> arrow(arrows, "[*]", to, row));
            }
            for (RunStatus from : row.from()) {
                row.to().forEach(to -> arrow(arrows, from.wireName(), to, row));
            }
        }
        StringJoiner lines = new StringJoiner("\n", "```mermaid\nstateDiagram-v2\n", "\n```\n");
        arrows.forEach((arrow, rows) -> lines.add("    " + arrow + " : " + String.join(", ", rows)));
        for (RunStatus status : RunStatus.values()) {
            if (status.isEnd()) {
                lines.add("    " + status.wireName() + " --> [*]");
            }
        }
        return lines.toString();
    }

    private static void arrow(Map<String, List<String>> arrows, String from, RunStatus to, RunTransition row) {
        arrows.computeIfAbsent(from + " --> " + to.wireName(), _ -> new ArrayList<>())
                .add(row.wireName());
    }

    private static String table() {
        StringJoiner lines = new StringJoiner("\n", "| command | from | to |\n|---|---|---|\n", "\n");
        for (RunTransition row : RunTransition.values()) {
            String name = row.isCommand() ? "`" + row.wireName() + "`" : "(" + row.wireName() + ")";
            lines.add("| " + name + " | " + names(row.from(), "–") + " | " + names(row.to(), "(same)") + " |");
        }
        return lines.toString();
    }

    private static String names(Set<RunStatus> statuses, String none) {
        return statuses.isEmpty()
                ? none
                : statuses.stream().map(RunStatus::wireName).collect(Collectors.joining(", "));
    }
}

package io.runledger.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What docs/hash-chain.md promises to the writers of verifiers; read from there, so that text and code cannot differ. */
final class HashChainDocument {

    private static final Path FILE = Path.of("..", "docs", "hash-chain.md");

    private HashChainDocument() {}

    /** The one fenced block of this language. */
    static String block(String language) {
        List<String> blocks = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(text())
                .results()
                .map(block -> block.group(1))
                .toList();
        if (blocks.size() != 1) {
            throw new IllegalStateException(FILE + " should have one " + language + " block, has " + blocks.size());
        }
        return blocks.getFirst();
    }

    /** The vectors: one JSON event a line, as GET /v1/runs/{id}/events shows it. */
    static List<String> vectors() {
        return block("json")
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("{\"id\""))
                .map(line -> line.endsWith(",") ? line.substring(0, line.length() - 1) : line)
                .toList();
    }

    /** The project that the vectors' run belongs to. */
    static String project() {
        MatchResult found = Pattern.compile("project of the vectors is `([^`]+)`")
                .matcher(text())
                .results()
                .findFirst()
                .orElseThrow();
        return found.group(1);
    }

    private static String text() {
        try {
            return Files.readString(FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

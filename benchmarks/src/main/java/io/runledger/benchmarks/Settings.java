package io.runledger.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * What to measure; given as {@code name=value} on the command line, names not given have the value written here.
 *
 * @param workloads which ones, by name; empty for all
 * @param questions which questions of lists, by name with hyphens, as in {@code as-of-status}; empty for all
 * @param runs how many runs fill the ledger whose lists are measured
 * @param rounds of each side; the result is the median
 * @param samples how often a round asks a question
 * @param seconds how long a round of writing lasts, and how long each question is asked before any is measured
 * @param log megabytes of its log that a new PostgreSQL writes before anything is measured: the files of its log it uses
 *     again, as after some hours of work; each new one of 16 MB is filled with zeros first, and whoever commits waits for it
 * @param folder where databases are kept and results are written
 * @param url of an empty PostgreSQL database of yours, {@code jdbc:postgresql://…} with user and password in it; empty:
 *     each workload has a PostgreSQL of its own under {@code folder}, and one that is filled already is used again
 */
public record Settings(
        List<String> workloads,
        List<String> questions,
        long runs,
        int rounds,
        int samples,
        int seconds,
        int log,
        Path folder,
        String url) {

    /**
     * Reads {@code name=value} arguments.
     *
     * @throws IllegalArgumentException naming all arguments that are wrong
     */
    public static Settings read(String... arguments) {
        TreeMap<String, String> given = new TreeMap<>();
        List<String> wrong = new ArrayList<>();
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            if (parts.length == 2) {
                given.put(parts[0], parts[1]);
            } else {
                wrong.add(argument);
            }
        }
        String workloads = taken(given, "workloads", "");
        String questions = taken(given, "questions", "");
        String runs = taken(given, "runs", "1000000");
        String rounds = taken(given, "rounds", "5");
        String samples = taken(given, "samples", "200");
        String seconds = taken(given, "seconds", "5");
        String log = taken(given, "log", "2400");
        String folder = taken(given, "folder", "target/benchmarks");
        String url = taken(given, "url", "");
        wrong.addAll(given.keySet());
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(
                    "unknown: %s; known are workloads, questions, runs, rounds, samples, seconds, log, folder, url"
                            .formatted(wrong));
        }
        return new Settings(
                names(workloads),
                names(questions),
                Long.parseLong(runs),
                Integer.parseInt(rounds),
                Integer.parseInt(samples),
                Integer.parseInt(seconds),
                Integer.parseInt(log),
                Path.of(folder),
                url);
    }

    /** The same, with a PostgreSQL of its own. */
    Settings onItsOwn() {
        return new Settings(workloads, questions, runs, rounds, samples, seconds, log, folder, "");
    }

    private static List<String> names(String list) {
        return list.isEmpty()
                ? List.of()
                : List.of(list.toLowerCase(Locale.ROOT).split(","));
    }

    private static String taken(TreeMap<String, String> given, String name, String usual) {
        String value = given.remove(name);
        return value == null ? usual : value;
    }
}

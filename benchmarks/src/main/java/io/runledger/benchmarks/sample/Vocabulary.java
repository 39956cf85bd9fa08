package io.runledger.benchmarks.sample;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** The words that made-up runs are made of, some of them frequent and most of them rare. */
public final class Vocabulary {

    static final List<String> PROJECTS = List.of("default", "billing", "search", "mail", "archive");
    static final List<String> STAGES = List.of("production", "staging", "test");
    static final List<String> QUEUES = List.of("default", "fast", "slow", "mail", "nightly");
    static final List<String> KINDS = List.of("task", "action", "workflow", "process", "agent");

    static final List<String> VERBS = List.of(
            "import", "export", "resize", "send", "index", "verify", "sync", "render", "archive", "score", "merge",
            "notify");

    static final List<String> NOUNS = List.of(
            "invoice",
            "order",
            "image",
            "letter",
            "customer",
            "receipt",
            "report",
            "account",
            "product",
            "payment",
            "contract",
            "ticket",
            "photo",
            "video",
            "page",
            "backup",
            "claim",
            "quote",
            "delivery",
            "return",
            "price",
            "stock",
            "user",
            "event");

    static final List<String> ERRORS = List.of("timeout", "http_503", "bad_input", "no_space", "conflict", "crashed");

    private static final int TARGETS = 40;

    /** Twenty labels, each with as many values as said here. */
    private static final Map<String, Integer> LABELS = new TreeMap<>(Map.ofEntries(
            Map.entry("team", 12),
            Map.entry("env", 3),
            Map.entry("region", 6),
            Map.entry("tenant", 500),
            Map.entry("version", 40),
            Map.entry("tier", 4),
            Map.entry("source", 8),
            Map.entry("channel", 5),
            Map.entry("country", 30),
            Map.entry("language", 15),
            Map.entry("cost-centre", 60),
            Map.entry("host", 100),
            Map.entry("cluster", 4),
            Map.entry("release", 25),
            Map.entry("trigger", 6),
            Map.entry("owner", 200),
            Map.entry("campaign", 50),
            Map.entry("model", 10),
            Map.entry("dataset", 80),
            Map.entry("ticket", 5_000)));

    /** The labels that nearly every run has. */
    private static final List<String> USUAL = List.of("team", "env", "region", "tenant");

    private static final List<String> LABEL_NAMES = List.copyOf(LABELS.keySet());

    private Vocabulary() {}

    /** One of the targets; the first ones are the most frequent. */
    public static String target(RandomGenerator random) {
        int rank = skewed(random, TARGETS);
        return KINDS.get(rank % KINDS.size()) + ":" + VERBS.get(rank % VERBS.size()) + "-"
                + NOUNS.get((rank * 7) % NOUNS.size());
    }

    /** A value of this label; the first ones are the most frequent. */
    public static String label(String label, RandomGenerator random) {
        return label.charAt(0) + "-" + skewed(random, Objects.requireNonNull(LABELS.get(label)));
    }

    static Map<String, String> labels(RandomGenerator random) {
        Map<String, String> labels = new TreeMap<>();
        for (String label : USUAL) {
            if (random.nextInt(10) < 8) {
                labels.put(label, label(label, random));
            }
        }
        for (int more = random.nextInt(3); more > 0; more--) {
            String label = LABEL_NAMES.get(random.nextInt(LABEL_NAMES.size()));
            labels.put(label, label(label, random));
        }
        return labels;
    }

    /** The beginning of names that all runs of one sort have. */
    public static String sort(RandomGenerator random) {
        return VERBS.get(random.nextInt(VERBS.size())) + "-" + noun(random);
    }

    /** One of the things that runs are about. */
    public static String noun(RandomGenerator random) {
        return NOUNS.get(random.nextInt(NOUNS.size()));
    }

    static String project(RandomGenerator random) {
        int percent = random.nextInt(100);
        int place = percent < 60 ? 0 : percent < 80 ? 1 : percent < 92 ? 2 : percent < 98 ? 3 : 4;
        return PROJECTS.get(place);
    }

    /** A number below the bound, small ones far more often: the square of an even distribution. */
    static int skewed(RandomGenerator random, int bound) {
        double even = random.nextDouble();
        return (int) (even * even * bound);
    }
}

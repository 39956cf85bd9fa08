package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.story.ReferenceRun.Command;
import io.runledger.server.story.ReferenceRun.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Random commands for one run, given to the ledger and to the reference beside it. */
final class RandomSequence {

    private final long seed;
    private final RandomGenerator random;
    private final int length;
    private final int maxAttempts;
    private final ReferenceRun reference;
    private final List<String> usedIds = new ArrayList<>();
    private final List<String> oldTokens = new ArrayList<>(List.of("1.forged", "nonsense"));
    private final List<String> told = new ArrayList<>();
    private int given;
    private @Nullable String id;
    private @Nullable Command pending;
    private @Nullable ObjectNode pendingBody;

    RandomSequence(long seed) {
        this.seed = seed;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.length = 1 + random.nextInt(30);
        this.maxAttempts = 1 + random.nextInt(3);
        this.reference = new ReferenceRun(maxAttempts);
    }

    ObjectNode create() {
        return LedgerClient.object()
                .put("command", "create")
                .put("target", "task:random")
                .put("key", "sequence-" + seed)
                .put("max_attempts", maxAttempts);
    }

    void created(String runId) {
        id = runId;
    }

    String id() {
        return String.valueOf(id);
    }

    ReferenceRun reference() {
        return reference;
    }

    boolean isOver() {
        return given == length;
    }

    /** Makes up the next command; it is a line of a stream, {@link #path} says where it goes as a single call. */
    ObjectNode next() {
        given++;
        String name = name();
        ObjectNode body = LedgerClient.object();
        boolean leased = name.equals("start") && random.nextInt(2) == 0;
        boolean retryable = random.nextBoolean();
        String report = body(name, body, leased, retryable);
        String token = Set.of("start", "note", "stop", "resume", "cancel").contains(name) ? null : token();
        if (token != null) {
            body.put("lease_token", token);
        }
        String commandId = commandId();
        if (commandId != null) {
            body.put("command_id", commandId);
        }
        Long ifVersion =
                random.nextInt(10) == 0 ? (Long) (reference.version() - (random.nextInt(3) == 0 ? 1 : 0)) : null;
        int events = events(name, body);
        pending = new Command(name, token, leased, report, retryable, events, ifVersion, commandId);
        pendingBody = body;
        told.add(pending.toString());
        return body;
    }

    /** Often one that is allowed, seldom one that ends the run, or few sequences would get far. */
    private String name() {
        List<String> allowed = reference.allowed().stream().sorted().toList();
        List<String> names = allowed.isEmpty() || random.nextInt(5) < 2 ? ReferenceRun.commands() : allowed;
        String name = names.get(random.nextInt(names.size()));
        boolean ends = Set.of("complete", "cancel").contains(name);
        return ends && random.nextInt(4) > 0 ? names.get(random.nextInt(names.size())) : name;
    }

    private String body(String name, ObjectNode body, boolean leased, boolean retryable) {
        int value = random.nextInt(2);
        switch (name) {
            case "start" -> {
                if (leased) {
                    body.put("worker", "worker-" + value).put("lease_seconds", 600 + value);
                }
            }
            case "progress" -> {
                body.put("percent", value * 50);
                if (random.nextBoolean()) {
                    body.putObject("checkpoint").put("at", given);
                }
            }
            case "checkpoint" -> body.putObject("checkpoint").put("at", given);
            case "note" -> body.put("type", "thought").putObject("payload").put("number", given);
            case "add_artifact" -> body.put("name", "file-" + value).put("url", "https://example.org/" + given);
            case "complete" -> body.put("output", value).put("exit_code", 0);
            case "fail" ->
                body.put("exit_code", 1)
                        .putObject("error")
                        .put("code", "error_" + value)
                        .put("message", "as it was to be")
                        .put("retryable", retryable);
            default -> {
                if (!name.equals("finish")) {
                    body.put("reason", "because " + value);
                }
            }
        }
        return value + " " + (name.equals("fail") && retryable);
    }

    private static int events(String name, ObjectNode body) {
        return name.equals("resume") || (name.equals("progress") && body.has("checkpoint")) ? 2 : 1;
    }

    private @Nullable String token() {
        return switch (random.nextInt(8)) {
            case 0 -> oldTokens.get(random.nextInt(oldTokens.size()));
            case 1 -> null;
            default -> reference.lease();
        };
    }

    private @Nullable String commandId() {
        return switch (random.nextInt(6)) {
            case 0 -> usedIds.isEmpty() ? null : usedIds.get(random.nextInt(usedIds.size()));
            case 1, 2 -> {
                usedIds.add("c" + given);
                yield "c" + given;
            }
            default -> null;
        };
    }

    /** Whether the pending command can be given by a stream, which knows no If-Match. */
    boolean fitsInStream() {
        return pending().ifVersion() == null;
    }

    ObjectNode line() {
        ObjectNode line = LedgerClient.object();
        String name = pending().name();
        line.put("command", name.equals("checkpoint") ? "progress" : name).put("run", id());
        return line.setAll(body());
    }

    String path() {
        String name = pending().name();
        String segment = switch (name) {
            case "checkpoint" -> "progress";
            case "note" -> "events";
            case "add_artifact" -> "artifacts";
            default -> name;
        };
        return "/v1/runs/" + id() + "/" + segment;
    }

    ObjectNode body() {
        if (pendingBody == null) {
            throw new IllegalStateException("nothing was made up");
        }
        return pendingBody;
    }

    private Command pending() {
        if (pending == null) {
            throw new IllegalStateException("nothing was made up");
        }
        return pending;
    }

    /** The If-Match header of the pending command, as a name and a value. */
    String[] headers() {
        Long version = pending().ifVersion();
        return version == null ? new String[0] : new String[] {"If-Match", "\"" + version + "\""};
    }

    /** Compares the answer with the reference: the run or the line of a stream, or the problem. */
    void answered(JsonNode answer, boolean single) {
        Verdict verdict = reference.give(pending());
        String description = "seed " + seed + ", after " + told;
        JsonNode problem = single ? answer : answer.path("error");
        boolean refused = problem.hasNonNull("code");
        String code = refused ? problem.get("code").asString() : "accepted";
        assertThat(code).as("%s: %s", description, answer).isEqualTo(verdict.code());
        if (refused) {
            assertThat(problem.get("run_status").asString()).as(description).isEqualTo(reference.status());
            Set<String> allowed = new HashSet<>();
            problem.get("allowed").forEach(name -> allowed.add(name.asString()));
            assertThat(allowed).as(description).isEqualTo(reference.allowed());
        } else {
            assertThat(answer.get("version").asLong())
                    .as("%s: %s", description, answer)
                    .isEqualTo(reference.version());
            if (single) {
                assertThat(answer.get("status").asString()).as(description).isEqualTo(reference.status());
            }
            if (verdict.started() && pending().leased()) {
                String token = answer.get("lease_token").asString();
                oldTokens.add(token);
                reference.leasedWith(token);
            }
        }
    }
}

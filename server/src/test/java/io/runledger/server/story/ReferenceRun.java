package io.runledger.server.story;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A run by the words of domain.md, as simple as can be: what a command must be answered, and what it changes. */
final class ReferenceRun {

    private static final Map<String, Set<String>> FROM = Map.of(
            "start", Set.of("queued"),
            "progress", Set.of("running", "finishing"),
            "checkpoint", Set.of("running", "finishing"),
            "note", Set.of("running", "finishing"),
            "add_artifact", Set.of("running", "finishing"),
            "finish", Set.of("running"),
            "complete", Set.of("running", "finishing"),
            "fail", Set.of("running", "finishing"),
            "stop", Set.of("queued", "running"),
            "resume", Set.of("stopped", "failed"));
    private static final Set<String> MAY_BE_CANCELLED = Set.of("queued", "running", "finishing", "stopped");
    private static final Set<String> REPORTS =
            Set.of("progress", "checkpoint", "add_artifact", "finish", "complete", "fail");

    private final int maxAttempts;
    private final Set<String> commandIds = new HashSet<>();
    private String status = "queued";
    private long version = 1;
    private int attempt;
    private @Nullable String lease;
    private boolean resumed;
    private @Nullable String lastReport;

    ReferenceRun(int maxAttempts) {
        this.maxAttempts = maxAttempts;
    }

    /**
     * A command.
     *
     * @param report what a complete or fail says, to tell a repeat; {@code retryable}: whether a fail may be retried
     * @param events how many it writes when it is accepted as it is
     */
    record Command(
            String name,
            @Nullable String leaseToken,
            boolean leased,
            String report,
            boolean retryable,
            int events,
            @Nullable Long ifVersion,
            @Nullable String commandId) {}

    /** What must be answered: {@code accepted}, or the code of the refusal. */
    record Verdict(String code, boolean started) {}

    String status() {
        return status;
    }

    long version() {
        return version;
    }

    int attempt() {
        return attempt;
    }

    @Nullable
    String lease() {
        return lease;
    }

    Set<String> allowed() {
        Set<String> allowed = new HashSet<>();
        FROM.forEach((command, from) -> {
            if (from.contains(status)) {
                allowed.add(command);
            }
        });
        if (MAY_BE_CANCELLED.contains(status)) {
            allowed.add("cancel");
        }
        return allowed;
    }

    Verdict give(Command command) {
        boolean known = command.commandId() != null && commandIds.contains(command.commandId());
        if (known || repeats(command)) {
            return new Verdict("accepted", false);
        }
        if (command.ifVersion() != null && command.ifVersion() != version) {
            return new Verdict("version_mismatch", false);
        }
        if (!allowed().contains(command.name())) {
            return new Verdict("invalid_transition", false);
        }
        if (REPORTS.contains(command.name()) && !holds(command)) {
            return new Verdict("lease_lost", false);
        }
        if (command.commandId() != null) {
            commandIds.add(command.commandId());
        }
        carryOut(command);
        return new Verdict("accepted", command.name().equals("start"));
    }

    private boolean holds(Command command) {
        return lease == null ? command.leaseToken() == null : lease.equals(command.leaseToken());
    }

    /** "A command that repeats what already happened is answered like the first time and writes nothing." */
    private boolean repeats(Command command) {
        return switch (command.name()) {
            case "cancel" -> status.equals("cancelled");
            case "stop" -> status.equals("stopped");
            case "finish" -> status.equals("finishing") && holds(command);
            case "resume" -> status.equals("queued") && resumed;
            case "complete", "fail" -> said(command).equals(lastReport);
            default -> false;
        };
    }

    private static String said(Command command) {
        return command.name() + " " + command.report() + " under " + command.leaseToken();
    }

    private void carryOut(Command command) {
        version += command.events();
        switch (command.name()) {
            case "start" -> {
                status = "running";
                attempt++;
                resumed = false;
                lastReport = null;
                // The token is in the answer; who reads it tells it with holds(token).
                lease = command.leased() ? "to be told" : null;
            }
            case "finish" -> status = "finishing";
            case "complete" -> end("succeeded", command);
            case "fail" -> {
                boolean again = command.retryable() && attempt < maxAttempts;
                version += again ? 1 : 0;
                end(again ? "queued" : "failed", command);
            }
            case "stop" -> {
                status = "stopped";
                lease = null;
            }
            case "resume" -> {
                status = "queued";
                resumed = true;
            }
            case "cancel" -> {
                status = "cancelled";
                lease = null;
            }
            default -> {}
        }
    }

    private void end(String newStatus, Command command) {
        status = newStatus;
        lease = null;
        lastReport = said(command);
    }

    /** The lease token that the ledger handed out for the start just made. */
    void leasedWith(String token) {
        lease = token;
    }

    static List<String> commands() {
        return List.of(
                "start",
                "progress",
                "checkpoint",
                "note",
                "add_artifact",
                "finish",
                "complete",
                "fail",
                "stop",
                "resume",
                "cancel");
    }
}

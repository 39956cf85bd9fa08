package io.runledger.server.access;

import static io.runledger.server.access.Call.delete;
import static io.runledger.server.access.Call.get;
import static io.runledger.server.access.Call.ledgerWide;
import static io.runledger.server.access.Call.post;
import static io.runledger.server.access.Call.put;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a key may do: each role adds its calls to those of the roles before it. This is the one table of who may do what;
 * a call that is not in it is closed to everybody.
 */
public enum Role {
    VIEWER("reads", Calls.READING),
    OPERATOR("creates and steers", Calls.STEERING),
    WORKER("claims and reports", Calls.WORKING),
    ADMIN("keeps the project's keys; in the project default, the ledger", Calls.KEEPING);

    /** What everybody may read, without a key. */
    public static final List<String> OPEN = List.of(
            "/actuator/health",
            "/actuator/health/**",
            "/v3/api-docs",
            "/v3/api-docs/**",
            "/v3/api-docs.yaml",
            "/docs",
            "/docs/**",
            "/swagger-ui/**",
            "/error");

    private final String adds;
    private final List<Call> calls;
    private final String wireName = name().toLowerCase(Locale.ROOT);

    Role(String adds, List<Call> calls) {
        this.adds = adds;
        this.calls = calls;
    }

    /** The calls that it adds to those of the roles before it. */
    public List<Call> calls() {
        return calls;
    }

    /** What it adds, in words. */
    public String adds() {
        return adds;
    }

    /** Whether it may all that the other one may. */
    public boolean includes(Role other) {
        return compareTo(other) >= 0;
    }

    /** The name on the wire and in the database. */
    public String wireName() {
        return wireName;
    }

    /** The role of this name on the wire; null when there is none. */
    public static @Nullable Role parse(String wireName) {
        return Arrays.stream(values())
                .filter(role -> role.wireName().equals(wireName))
                .findFirst()
                .orElse(null);
    }

    /** The table. */
    private static final class Calls {

        static final List<Call> READING = List.of(
                get("/v1/runs"),
                get("/v1/runs/stats"),
                get("/v1/runs/{id}"),
                get("/v1/runs/{id}/events"),
                get("/v1/runs/{id}/history"),
                get("/v1/runs/{id}/items"),
                get("/v1/runs/{id}/logs"),
                get("/v1/runs/{id}/artifacts"),
                get("/v1/runs/{id}/tasks"),
                get("/v1/runs/{id}/verify"),
                get("/v1/tasks"),
                get("/v1/tasks/{id}"),
                get("/v1/events"),
                get("/v1/export"),
                get("/v1/verify"),
                // It reads, with a checkpoint as its question.
                post("/v1/verify"),
                get("/v1/checkpoints"),
                get("/v1/checkpoints/key"),
                get("/v1/queues"),
                get("/v1/operations"),
                get("/v1/operations/{id}"),
                get("/v1/definitions"),
                get("/v1/definitions/{kind}/{name}"));

        static final List<Call> STEERING = List.of(
                post("/v1/runs"),
                post("/v1/runs/{id}/rerun"),
                post("/v1/runs/{id}/events"),
                post("/v1/runs/{id}/stop"),
                post("/v1/runs/{id}/resume"),
                post("/v1/runs/{id}/cancel"),
                post("/v1/runs/bulk/cancel"),
                post("/v1/runs/bulk/stop"),
                post("/v1/runs/bulk/resume"),
                post("/v1/runs/bulk/rerun"),
                post("/v1/operations/{id}/cancel"),
                post("/v1/tasks"),
                post("/v1/actions/{name}/live"),
                post("/v1/actions/{name}/async"),
                post("/v1/actions/{name}/schedule"),
                put("/v1/definitions/{kind}/{name}"),
                delete("/v1/definitions/{kind}/{name}"));

        static final List<Call> WORKING = List.of(
                post("/v1/claims"),
                // Its lines may be reports.
                post("/v1/commands"),
                post("/v1/runs/{id}/start"),
                post("/v1/runs/{id}/heartbeat"),
                post("/v1/runs/{id}/progress"),
                post("/v1/runs/{id}/finish"),
                post("/v1/runs/{id}/complete"),
                post("/v1/runs/{id}/fail"),
                post("/v1/runs/{id}/logs"),
                post("/v1/runs/{id}/artifacts"),
                post("/v1/runs/{id}/items/claim"),
                post("/v1/runs/{id}/items/results"));

        static final List<Call> KEEPING = List.of(
                get("/v1/keys"),
                post("/v1/keys"),
                delete("/v1/keys/{id}"),
                get("/v1/audit"),
                post("/v1/checkpoints"),
                get("/v1/projects"),
                get("/v1/projects/{project}"),
                put("/v1/projects/{project}"),
                ledgerWide(post("/v1/projects")),
                get("/v1/projections"),
                get("/v1/projections/{name}/dead-letters"),
                post("/v1/projections/{name}/dead-letters/retry"),
                ledgerWide(post("/v1/projections/{name}/rebuild")),
                ledgerWide(delete("/v1/projections/{name}/rebuild")),
                ledgerWide(post("/v1/projections/{name}/rollback")),
                ledgerWide(delete("/v1/projections/{name}/previous")),
                ledgerWide(get("/actuator/info")),
                ledgerWide(get("/actuator/prometheus")));

        private Calls() {}
    }
}

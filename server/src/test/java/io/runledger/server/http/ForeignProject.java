package io.runledger.server.http;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A project of which strangers know half: ids, keys, names, labels, cursors, even lease tokens and a checkpoint of some of
 * its runs. Every text of the other half has {@link #SECRET} in it, and so has whatever runs take in, put out and tell.
 */
final class ForeignProject {

    /** In every text that no stranger ever says. */
    static final String SECRET = "hush7q";

    /** In every name that strangers know. */
    private static final String KNOWN = "told7q";

    private static final Pattern ID = Pattern.compile("\\b(?:[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-9a-f]{64})\\b");

    private final LedgerClient ledger;
    private final LedgerClient owner;
    private final AtomicInteger stories = new AtomicInteger();
    private final Map<String, List<String>> known = new ConcurrentHashMap<>();
    private final Set<String> ids = ConcurrentHashMap.newKeySet();

    /** Made with the admin key of the project {@code default}. */
    ForeignProject(LedgerClient ledger) {
        this.ledger = ledger;
        String id = ledger.post("/v1/projects", "{\"slug\": \"told7q-project\"}")
                .is(201)
                .text("/id");
        tell("project", "told7q-project", id);
        Answer key = key(SECRET + "-admin");
        owner = ledger.withKey(key.text("/key"));
        tell("key_id", key(KNOWN + "-spare").text("/id"));
        tell("created_by", "key:" + known.get("key_id").getFirst() + "/" + KNOWN + "-spare");
        for (String half : List.of(KNOWN, SECRET)) {
            definitions(half);
            life(half);
            batch(half);
            workflow(half);
            failure(half);
            operation(half);
        }
        pages();
        proofs();
    }

    private Answer key(String name) {
        String body = "{\"name\": \"%s\", \"role\": \"admin\", \"project\": \"told7q-project\"}";
        return heard(ledger.post("/v1/keys", body.formatted(name)).is(201));
    }

    private void tell(String what, String... texts) {
        known.computeIfAbsent(what, _ -> new CopyOnWriteArrayList<>()).addAll(List.of(texts));
    }

    /** What strangers know, by what it names. */
    Map<String, List<String>> known() {
        return known;
    }

    /** What the owner learns of ids and hashes is nobody else's. */
    private Answer heard(Answer answer) {
        Matcher found = ID.matcher(answer.body());
        while (found.find()) {
            ids.add(found.group());
        }
        return answer;
    }

    private Answer post(String path, String body, String... headers) {
        return heard(owner.post(path, body.replace('\'', '"'), headers));
    }

    private void definitions(String half) {
        String body = """
                {"input_schema": {"description": "%1$s-schema", "$comment": "%1$s"}, "stages": ["%1$s-stage"],
                 "defaults": {"queue": "%1$s-queue", "labels": {"%1$s-label": "%1$s-value"}}}""";
        for (String kind : List.of("task", "action")) {
            heard(owner.send(owner.request("/v1/definitions/" + kind + "/" + half + "-defined")
                            .header("content-type", "application/json")
                            .PUT(java.net.http.HttpRequest.BodyPublishers.ofString(
                                    body.formatted(kind.equals("task") ? half : SECRET)))))
                    .is(201);
        }
        if (half.equals(KNOWN)) {
            tell("definition", KNOWN + "-defined");
        }
    }

    private String create(String half, String more) {
        int number = stories.incrementAndGet();
        String key = half + "-key-" + number;
        String run = post(
                        "/v1/runs",
                        """
                        {'target': 'task:%1$s-target', 'key': '%2$s', 'name': '%1$s-name', 'queue': '%1$s-queue',
                         'stage': '%1$s-stage', 'labels': {'%1$s-label': '%1$s-value'}, 'metadata': '%3$s-metadata',
                         'config': {'%3$s-config': '%3$s'}, 'command_id': '%1$s-command', %4$s}""".formatted(half, key, SECRET, more),
                        "Idempotency-Key",
                        half + "-" + number,
                        "X-Request-Id",
                        half + "-request")
                .is(201)
                .text("/id");
        if (half.equals(KNOWN)) {
            tell("run", run);
            tell("key", key);
            tell("name", KNOWN + "-name");
            tell("queue", KNOWN + "-queue");
            tell("stage", KNOWN + "-stage");
            tell("label", KNOWN + "-label");
            tell("value", KNOWN + "-value");
            tell("worker", KNOWN + "-worker");
            tell("target", "task:" + KNOWN + "-target");
            tell("error_code", KNOWN + "-code");
            tell("command_id", KNOWN + "-command");
            tell("idempotency", KNOWN + "-" + number);
        }
        return "/v1/runs/" + run;
    }

    /** A run from its beginning to its end; everything that it tells is secret. */
    void life() {
        life(SECRET);
    }

    private void life(String half) {
        String run = create(half, "'input': {'secret': '" + SECRET + "-input'}");
        String lease = start(half, run);
        post(
                        run + "/progress",
                        "{'percent': 5, 'message': 'hush7q-message', 'checkpoint': 'hush7q-checkpoint', 'lease_token': '"
                                + lease + "'}")
                .is(200);
        post(run + "/events", "{'type': '" + half + ".note', 'payload': {'hush7q': 'hush7q-payload'}}")
                .is(200);
        post(run + "/logs", "[{'level': 'info', 'message': 'hush7q-line', 'fields': {'hush7q-field': 'hush7q-value'}}]")
                .is(201);
        String artifact = "{'name': 'hush7q-artifact', 'url': 'https://hush7q.example/', 'lease_token': '%s'}";
        post(run + "/artifacts", artifact.formatted(lease)).is(200);
        post(run + "/complete", "{'output': 'hush7q-output', 'lease_token': '" + lease + "'}")
                .is(200);
        heard(owner.get(run + "/events")).is(200);
    }

    private String start(String half, String run) {
        String lease = post(run + "/start", "{'worker': '" + half + "-worker', 'lease_seconds': 600}")
                .is(200)
                .text("/lease_token");
        if (half.equals(KNOWN)) {
            tell("lease_token", lease);
        }
        return lease;
    }

    private void failure(String half) {
        String run = create(half, "'input': 'hush7q-input', 'max_attempts': 1");
        String error = "{'error': {'code': '%s-code', 'message': 'hush7q-error', 'details': 'hush7q-details'},"
                + " 'lease_token': '%s'}";
        post(run + "/fail", error.formatted(half, start(half, run))).is(200);
        String left = create(half, "'input': 'hush7q-left'");
        start(half, left);
        post(create(half, "'input': 'hush7q-queued'") + "/stop", "{'reason': 'hush7q-reason'}")
                .is(200);
        create(half, "'input': 'hush7q-queued'");
    }

    private void batch(String half) {
        String run = create(half, "'inputs': ['hush7q-item', 'hush7q-item']");
        String lease = post(run + "/items/claim", "{'worker': '" + half + "-worker', 'max': 2, 'lease_seconds': 600}")
                .is(200)
                .text("/lease_token");
        String results = "{'lease_token': '%s', 'results': [{'index': 0, 'output': 'hush7q-result'},"
                + " {'index': 1, 'error': {'code': 'hush7q', 'message': 'hush7q-failed'}}]}";
        post(run + "/items/results", results.formatted(lease)).is(200);
    }

    private void workflow(String half) {
        String task = "{'key': '%1$s-task', 'kind': '%1$s-kind', 'queue': '%1$s-queue', 'input': 'hush7q-task',"
                + " 'labels': {'%1$s-label': 'hush7q'}}";
        post("/v1/runs", "{'target': 'workflow:%1$s', 'tasks': [%2$s]}".formatted(half, task.formatted(half)))
                .is(201);
    }

    private void operation(String half) {
        String operation = post(
                        "/v1/runs/bulk/resume",
                        "{'filter': {'queue': '" + half + "-queue', 'status': 'failed'}, 'reason': 'hush7q-bulk'}")
                .is(202)
                .text("/id");
        if (half.equals(KNOWN)) {
            tell("operation", operation);
        }
    }

    /** Cursors, as strangers might have seen them. */
    private void pages() {
        String position = post("/v1/runs", "{'target': 'task:hush7q'}").is(201).header("ledger-position");
        tell("position", position);
        for (String list : List.of(
                "/v1/runs?limit=1",
                "/v1/runs?limit=1&sort=name",
                "/v1/runs?limit=2&as_of=position:" + position,
                "/v1/definitions?limit=1",
                "/v1/keys?limit=1",
                "/v1/tasks?limit=1")) {
            Answer page = heard(owner.get(list, "Ledger-Position", position)).is(200);
            tell("cursor", page.text("/next"));
        }
    }

    private void proofs() {
        heard(owner.get("/v1/export?what=events")).is(200);
        String checkpoint = post("/v1/checkpoints", "").body();
        tell("checkpoint", checkpoint);
        owner.get("/v1/verify").is(200);
        ids.removeAll(known.values().stream().flatMap(List::stream).toList());
        Matcher told = ID.matcher(checkpoint);
        while (told.find()) {
            ids.remove(told.group());
        }
    }

    /**
     * What of this project stands in what somebody was sent; null for nothing.
     *
     * @param asked the whole question: what it says may be said back
     * @param hasOwn whether the asker's own project may hold what strangers know, because they have put it there
     */
    @Nullable
    String in(String told, String asked, boolean hasOwn) {
        if (told.contains(SECRET)) {
            return around(told, told.indexOf(SECRET));
        }
        Matcher id = ID.matcher(told);
        while (id.find()) {
            if (ids.contains(id.group())) {
                return around(told, id.start());
            }
        }
        if (hasOwn) {
            return null;
        }
        for (List<String> texts : known.values()) {
            for (String text : texts) {
                if (text.length() > 6 && told.contains(text) && !asked.contains(text)) {
                    return around(told, told.indexOf(text));
                }
            }
        }
        return null;
    }

    private static String around(String text, int place) {
        return text.substring(Math.max(0, place - 200), Math.min(text.length(), place + 200));
    }
}

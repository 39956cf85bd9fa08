package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.access.AuditTrail;
import io.runledger.server.access.KeyUses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;

/** What opens something is known to its holder alone: it is in no table and in no log. */
@RunningLedger
@ExtendWith(OutputCaptureExtension.class)
class SecretsTest {

    private static final int FETCHED = 1_000;

    private final LedgerClient ledger;
    private final KeyUses uses;
    private final AuditTrail trail;

    /** What is looked for, by what it is. */
    private final Map<String, String> wanted = new LinkedHashMap<>();

    SecretsTest(@LocalServerPort int port, KeyUses uses, AuditTrail trail) {
        ledger = new LedgerClient(port);
        this.uses = uses;
        this.trail = trail;
    }

    @Test
    void no_secret_is_in_any_table_or_log(CapturedOutput output) throws Exception {
        String key = ofKeys();
        String replayed = ofLeases(ledger.withKey(key));
        uses.write();
        trail.write();
        wanted.put("the hash of a key", new String(sha256(key), StandardCharsets.ISO_8859_1));
        Map<String, Set<String>> found = new LinkedHashMap<>();
        int tables = 0;
        for (String table : tables()) {
            search(table, found);
            tables++;
        }
        assertThat(found)
                .as("what of it is in which table")
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "the hash of a key", Set.of("access.api_key"),
                        // Kept for a day with the rest of that answer (ADR 20).
                        "a lease token in an answer that is given again", Set.of("ledger.idempotent_request")));
        String logs = output.getAll() + Files.readString(SharedPostgres.log());
        assertThat(logs).contains("PostgreSQL");
        wanted.forEach((what, text) -> assertThat(logs).as(what).doesNotContain(text));
        assertThat(replayed).isEqualTo(wanted.get("a lease token in an answer that is given again"));
        System.out.printf("N3: %d secrets in %d tables and the logs: only a hash of keys%n", wanted.size(), tables);
    }

    /** Keys that are made, used, revoked, sent wrongly and written where they do not belong. */
    private String ofKeys() {
        String body = "{\"name\": \"secret\", \"role\": \"admin\"}";
        String key = ledger.post("/v1/keys", body).is(201).text("/key");
        LedgerClient holder = ledger.withKey(key);
        holder.get("/v1/runs").is(200);
        Answer made = holder.post("/v1/keys", body, "Idempotency-Key", "n3-key").is(201);
        holder.post("/v1/keys", body, "Idempotency-Key", "n3-key").isProblem(409, "conflict");
        String revoked = made.text("/key");
        ledger.withKey(revoked).get("/v1/runs").is(200);
        ledger.send(ledger.request("/v1/keys/" + made.text("/id")).DELETE()).is(204);
        ledger.withKey(revoked).get("/v1/runs").is(401);
        String wrong = key.substring(0, key.length() - 10) + "WrongWrong";
        ledger.withKey(wrong).get("/v1/runs").is(401);
        ledger.withKey("").get("/v1/runs", "Authorization", "Bearer " + wrong).is(401);
        ledger.get("/v1/runs?x_api_key=" + key).is(400);
        ledger.get("/v1/runs?key=" + key).is(200);
        ledger.get("/v1/runs/" + key).is(400);
        ledger.get("/" + key).is(404);
        List<String> keys = List.of(key, revoked, wrong);
        for (int i = 0; i < keys.size(); i++) {
            String secret = keys.get(i).replaceFirst("rl_[0-9A-Z]{26}_", "");
            wanted.put("key " + i, secret);
            wanted.put(
                    "the bytes of key " + i,
                    new String(Base64.getUrlDecoder().decode(secret), StandardCharsets.ISO_8859_1));
        }
        wanted.put("the first key", LedgerClient.KEY);
        return key;
    }

    private static byte[] sha256(String text) throws NoSuchAlgorithmException {
        return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Leases that are given by a start, by a claim and with items, used, guessed and given once more. */
    private String ofLeases(LedgerClient worker) {
        List<String> tokens = new ArrayList<>();
        String lease = "{\"worker\": \"w\", \"lease_seconds\": 600}";
        String started = worker.queued();
        tokens.add(worker.post("/v1/runs/" + started + "/start", lease).is(200).text("/lease_token"));
        worker.post("/v1/runs", "{\"target\": \"task:t\", \"queue\": \"n3\"}").is(201);
        String claim = "{\"worker\": \"w\", \"queues\": [\"n3\"], \"lease_seconds\": 600}";
        tokens.add(worker.post("/v1/claims", claim).is(200).text("/claims/0/lease_token"));
        String batch = worker.post("/v1/runs", "{\"target\": \"task:t\", \"inputs\": [1]}")
                .is(201)
                .text("/id");
        tokens.add(
                worker.post("/v1/runs/" + batch + "/items/claim", lease).is(200).text("/lease_token"));
        tokens.forEach(token -> wanted.put("lease token " + token, token.substring(token.indexOf('.') + 1)));

        String again = worker.queued();
        String replayed = worker.post("/v1/runs/" + again + "/start", lease, "Idempotency-Key", "n3-start")
                .is(200)
                .text("/lease_token");
        wanted.put("a lease token in an answer that is given again", replayed);
        String report = "{\"percent\": 1, \"lease_token\": \"%s\"}";
        worker.post("/v1/runs/" + started + "/progress", report.formatted(tokens.getFirst()))
                .is(200);
        worker.post("/v1/runs/" + started + "/heartbeat", "{\"lease_token\": \"" + tokens.getFirst() + "\"}")
                .is(200);
        worker.post("/v1/runs/" + again + "/progress", report.formatted(tokens.getFirst()))
                .isProblem(409, "lease_lost");
        worker.commands("{\"command\": \"complete\", \"run\": \"%s\", \"lease_token\": \"%s\"}"
                .formatted(started, tokens.getFirst()));
        return worker.post("/v1/runs/" + again + "/start", lease, "Idempotency-Key", "n3-start")
                .is(200)
                .text("/lease_token");
    }

    private static List<String> tables() {
        return SharedPostgres.owner().sql("""
                        select format('%I.%I', schema.nspname, class.relname)
                        from pg_class class join pg_namespace schema on schema.oid = class.relnamespace
                        where class.relkind in ('r', 'm') and schema.nspname !~ '^(pg_|information_schema)'
                        order by 1""").query(String.class).list();
    }

    /** Bytes are read as the text that they may be, so that what is kept as such is found too. */
    private void search(String table, Map<String, Set<String>> found) throws SQLException, IOException {
        try (Connection connection = SharedPostgres.newConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement("select * from " + table)) {
                statement.setFetchSize(FETCHED);
                ResultSet rows = statement.executeQuery();
                int columns = rows.getMetaData().getColumnCount();
                while (rows.next()) {
                    StringBuilder row = new StringBuilder();
                    for (int column = 1; column <= columns; column++) {
                        row.append(
                                rows.getObject(column) instanceof byte[] bytes
                                        ? new String(bytes, StandardCharsets.ISO_8859_1)
                                        : rows.getString(column));
                    }
                    String text = row.toString();
                    wanted.forEach((what, secret) -> {
                        if (text.contains(secret)) {
                            found.computeIfAbsent(what, _ -> new TreeSet<>()).add(table);
                        }
                    });
                }
            }
        }
    }
}

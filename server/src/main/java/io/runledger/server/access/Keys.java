package io.runledger.server.access;

import io.runledger.api.Caller;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.Ulid;
import io.runledger.query.http.PageRequest;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.project.ProjectReader.Plan;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Makes keys, shows them and takes them away; the caller's project has its own, and the ledger's keepers have all. */
public final class Keys {

    private final JdbcClient jdbc;
    private final ProjectReader reader;
    private final ApiKeys opening;

    Keys(JdbcClient jdbc, ProjectReader reader, ApiKeys opening) {
        this.jdbc = jdbc;
        this.reader = reader;
        this.opening = opening;
    }

    /** What a new key is to be like; without an end it holds until it is revoked. */
    record Wanted(String name, Role role, @Nullable Instant expiresAt) {}

    /** A key that was made just now, and what opens the ledger with it. */
    record Made(Key key, Secret secret) {}

    /**
     * A new key of this project.
     *
     * @throws Problem when there is one with this id: its secret was shown and is not known any more
     */
    Made create(UUID newId, String project, Wanted wanted, Caller by) {
        String id = Ulid.print(newId);
        Secret secret = Secret.of(id);
        insert(id, secret, project, wanted, by);
        // Somebody may have guessed at it before it was there.
        opening.forget(id);
        return new Made(find(project, id), secret);
    }

    private void insert(String id, Secret secret, String project, Wanted wanted, Caller by) {
        Instant expiresAt = wanted.expiresAt();
        try {
            jdbc.sql("""
                        insert into access.api_key (id, name, project, role, hash, created_by, expires_at)
                        values (?, ?, ?, ?, ?, ?, ?)""")
                    .params(id, wanted.name(), project, wanted.role().wireName(), secret.hash(), by.actor())
                    .param(expiresAt == null ? null : expiresAt.atOffset(ZoneOffset.UTC))
                    .update();
        } catch (DuplicateKeyException e) {
            throw new Problem(
                    ProblemCode.CONFLICT,
                    "Key " + id
                            + " was made by this request before; what it opens with is not known any more. Revoke it"
                            + " and make another one.");
        }
    }

    private Key find(String project, String id) {
        String sql = "select " + Key.COLUMNS + " from of_project.api_key where id = ? and project = ?";
        return Objects.requireNonNull(reader.first(project, sql, List.of(id, project), (row, _) -> Key.read(row)));
    }

    /** The project's keys, the oldest first, as many as the page needs. */
    List<Key> page(String project, PageRequest page) {
        String order = page.backwards()
                ? "id collate \"C\" < ? order by id collate \"C\" desc"
                : "id collate \"C\" > ? order by id collate \"C\"";
        String sql = "select " + Key.COLUMNS + " from of_project.api_key where project = ? and " + order + " limit ?";
        List<Object> values = List.of(project, Objects.requireNonNullElse(page.place(), ""), page.rows());
        return reader.list(project, Plan.KEPT, sql, values, (row, _) -> Key.read(row));
    }

    /**
     * Takes a key away: on this node at once, on the others as soon as they hear of it. Taken away again, nothing changes.
     *
     * @throws Problem when there is none with this id that the caller may see
     */
    void revoke(String id, Caller by) {
        int found = jdbc.sql("""
                        update access.api_key set revoked_at = coalesce(revoked_at, now()),
                            revoked_by = coalesce(revoked_by, ?)
                        where id = ? and (project = ? or ?)""")
                .params(by.actor(), id, by.project(), by.project().equals(Projects.DEFAULT))
                .update();
        if (found == 0) {
            throw new Problem(ProblemCode.NOT_FOUND, "There is no key " + id + " in this project.");
        }
        opening.forget(id);
    }
}

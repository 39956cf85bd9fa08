package io.runledger.server.access;

import io.runledger.api.Caller;
import io.runledger.query.http.PageRequest;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.project.ProjectReader.Plan;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Keeps what admins did, and which keys did not open anything. The latter are counted and written once a minute: whoever
 * tries a thousand keys a second shall neither fill the table nor slow anybody down.
 */
public final class AuditTrail implements AutoCloseable {

    /** Different failures that are told apart in a minute; what is beyond is counted together. */
    static final int TOLD_APART = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(AuditTrail.class);
    private static final long PAUSE_SECONDS = 60;
    private static final Failure OTHERS = new Failure(Projects.DEFAULT, null, "unknown_key", null);

    private final JdbcClient jdbc;
    private final ProjectReader reader;
    private final Map<Failure, Long> failures = new ConcurrentHashMap<>();
    private final ScheduledExecutorService writing = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("audit").factory());

    AuditTrail(JdbcClient jdbc, ProjectReader reader) {
        this.jdbc = jdbc;
        this.reader = reader;
        var _ = writing.scheduleWithFixedDelay(this::write, PAUSE_SECONDS, PAUSE_SECONDS, TimeUnit.SECONDS);
    }

    /** A key that did not open anything: whose it was said to be, why, and where it came from. */
    private record Failure(
            String project,
            @Nullable String actor,
            String reason,
            @Nullable String remote) {}

    /** Notes that an admin made a call that changes something, and how it was answered. */
    public void acted(Caller caller, String call, int status, String remote, String requestId) {
        try {
            jdbc.sql("""
                            insert into access.audit (project, kind, actor, what, status, remote, request_id)
                            values (?, ?, ?, ?, ?, ?, ?)""")
                    .params(caller.project(), AuditEntry.ADMIN_ACTION, caller.actor(), call, status, remote, requestId)
                    .update();
        } catch (DataAccessException e) {
            // It has happened; the answer must not say otherwise.
            LOG.error("not in the audit trail: {} by {} of {}, {}", call, caller.actor(), caller.project(), status, e);
        }
    }

    /** Notes that a key did not open anything. */
    public void refused(WrongKey wrong, String remote) {
        Failure failure = new Failure(wrong.project(), wrong.actor(), wrong.reason(), remote);
        boolean known = failures.containsKey(failure) || failures.size() < TOLD_APART;
        failures.merge(known ? failure : OTHERS, 1L, Long::sum);
    }

    /** Writes the failures that were counted since the last time. */
    public void write() {
        for (Failure failure : List.copyOf(failures.keySet())) {
            Long count = failures.remove(failure);
            try {
                insert(failure, count == null ? 0 : count);
            } catch (DataAccessException e) {
                LOG.debug("failed authentications cannot be written, trying again", e);
                failures.merge(failure, count == null ? 0 : count, Long::sum);
                return;
            }
        }
    }

    private void insert(Failure failure, long count) {
        jdbc.sql("insert into access.audit (project, kind, what, count, actor, remote) values (?, ?, ?, ?, ?, ?)")
                .params(failure.project(), AuditEntry.FAILED_AUTHENTICATION, failure.reason(), count)
                .param(failure.actor())
                .param(failure.remote())
                .update();
    }

    /** The entries of a project, the latest first, as many as the page needs. */
    List<AuditEntry> page(String project, PageRequest page) {
        String place = page.place();
        long from = place == null ? Long.MAX_VALUE : Long.parseLong(place);
        String order = page.backwards() ? "position > ? order by position" : "position < ? order by position desc";
        String sql = """
                select position, project, at, kind, actor, what, status, count, remote, request_id
                from of_project.audit where project = ? and\s""" + order + " limit ?";
        return reader.list(
                project,
                Plan.KEPT,
                sql,
                List.of(project, from, page.rows()),
                (row, _) -> new AuditEntry(
                        row.getLong("position"),
                        row.getString("project"),
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getString("kind"),
                        row.getString("actor"),
                        row.getString("what"),
                        row.getObject("status", Integer.class),
                        row.getLong("count"),
                        row.getString("remote"),
                        row.getString("request_id")));
    }

    @Override
    public void close() {
        writing.shutdownNow();
        write();
    }
}

package io.runledger.command.operation;

import io.runledger.api.Caller;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.RunId;
import io.runledger.api.Ulid;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** The book of operations: what was asked for, how far each is, and which is next. All nodes share it. */
public final class Operations {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private static final TypeReference<List<Operation.Failure>> FAILURES = new TypeReference<>() {};

    private static final String OPEN = """
            insert into ledger.operation
                (id, project, command, filter, reason, command_id, created_by, request_id, position, total)
            select :id, :project, :command, cast(:filter as json), :reason, :command_id, :created_by, :request_id,
                :position, :total
            where (select count(*) from ledger.operation where project = :project and due_at is not null) < :most
            on conflict (project, command_id) where command_id is not null do nothing
            returning *""";

    // Whoever takes a page has ten seconds before another node may take it too; that would cost nothing but time.
    private static final String TAKE = """
            update ledger.operation set due_at = now() + interval '10 seconds'
            where id = (select id from ledger.operation where due_at <= now() order by due_at limit 1
                for update skip locked)
            returning *""";

    // Only if nobody else has noted this page meanwhile.
    private static final String NOTE = """
            update ledger.operation set pages = pages + 1, up_to = cast(:up_to as uuid), done = done + :done,
                failed = failed + :failed, failures = cast(:failures as json), held_up_by = null, updated_at = now(),
                status = case when status = 'cancelled' then status when :last then 'completed'
                    when status = 'cancelling' then 'cancelled' else status end,
                due_at = case when status = 'running' and not :last then now() end,
                finished_at = case when status <> 'running' or :last then now() end
            where id = :id and pages = :pages""";

    private static final String HOLD_UP = """
            update ledger.operation set held_up_by = ?, due_at = now() + interval '2 seconds', updated_at = now()
            where id = ? and pages = ? and due_at is not null""";

    // While a node is at a page, that one is still carried out.
    private static final String CANCEL = """
            update ledger.operation set updated_at = now(),
                status = case when due_at > now() then 'cancelling' else 'cancelled' end,
                due_at = case when due_at > now() then due_at end,
                finished_at = case when due_at > now() then null else now() end
            where project = ? and id = ? and status = 'running'
            returning *""";

    private final JdbcClient jdbc;
    private final int mostUnderWay;

    Operations(JdbcClient jdbc, int mostUnderWay) {
        this.jdbc = jdbc;
        this.mostUnderWay = mostUnderWay;
    }

    /**
     * A wish for an operation.
     *
     * @param commandId the caller's own id of this wish; null for none
     * @param position as of which the filter wanted {@code total} runs
     */
    public record Wish(
            UUID id,
            BulkCommand command,
            Json filter,
            @Nullable String reason,
            @Nullable String commandId,
            long position,
            long total) {}

    /**
     * Takes in an operation, which is carried out from now on; the one that was taken in before under the same command id
     * is given back as it is.
     *
     * @throws Problem when too many of the project are under way
     */
    public Operation open(Wish wish, Caller caller, String requestId) {
        Optional<Operation> opened = jdbc.sql(OPEN)
                .param("id", wish.id())
                .param("project", caller.project())
                .param("command", wish.command().wireName())
                .param("filter", wish.filter().text())
                .param("reason", wish.reason())
                .param("command_id", wish.commandId())
                .param("created_by", caller.actor())
                .param("request_id", requestId)
                .param("position", wish.position())
                .param("total", wish.total())
                .param("most", mostUnderWay)
                .query((row, _) -> operation(row))
                .optional();
        return opened.or(() -> Optional.ofNullable(given(caller.project(), wish.commandId())))
                .orElseThrow(() -> new Problem(
                        ProblemCode.CONFLICT,
                        mostUnderWay
                                + " operations of this project are under way; wait for one to end, or cancel one."));
    }

    /** The operation that was taken in under this command id; null when there is none. */
    public @Nullable Operation given(String project, @Nullable String commandId) {
        return commandId == null
                ? null
                : jdbc.sql("select * from ledger.operation where project = ? and command_id = ?")
                        .params(project, commandId)
                        .query((row, _) -> operation(row))
                        .optional()
                        .orElse(null);
    }

    /**
     * An operation of this project.
     *
     * @throws Problem when there is none with this id
     */
    public Operation find(String project, UUID id) {
        return jdbc.sql("select * from ledger.operation where project = ? and id = ?")
                .params(project, id)
                .query((row, _) -> operation(row))
                .optional()
                .orElseThrow(() -> new Problem(
                        ProblemCode.NOT_FOUND, "There is no operation " + Ulid.print(id) + " in this project."));
    }

    /** At most so many operations of this project, the latest first; those before this one when it is not null. */
    public List<Operation> page(String project, @Nullable UUID before, int limit) {
        return jdbc.sql("""
                        select * from ledger.operation
                        where project = ? and id < coalesce(cast(? as uuid), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
                        order by id desc limit ?""")
                .param(project)
                .param(before)
                .param(limit)
                .query((row, _) -> operation(row))
                .list();
    }

    /**
     * Ends an operation before its time; what it has done stays.
     *
     * @throws Problem when there is none with this id, or it has completed
     */
    public Operation cancel(String project, UUID id) {
        Operation operation = jdbc.sql(CANCEL)
                .params(project, id)
                .query((row, _) -> operation(row))
                .optional()
                .orElseGet(() -> find(project, id));
        if (operation.status() == Operation.Status.COMPLETED) {
            throw new Problem(
                    ProblemCode.CONFLICT,
                    "The operation has completed: every run that it is about has had its command.");
        }
        return operation;
    }

    /** The operation whose next page has been due the longest, for this node to carry out; null when none is due. */
    @Nullable
    Operation take() {
        return jdbc.sql(TAKE).query((row, _) -> operation(row)).optional().orElse(null);
    }

    /**
     * Notes what a page came to; of several nodes the first one's word counts. An operation that is being cancelled ends.
     *
     * @param upTo the last run that was looked at
     * @param last whether there are no others
     */
    void note(Operation operation, Tally tally, @Nullable RunId upTo, boolean last) {
        jdbc.sql(NOTE)
                .param("up_to", upTo == null ? null : upTo.value())
                .param("done", tally.countDone())
                .param("failed", tally.countFailed())
                .param("failures", MAPPER.writeValueAsString(tally.failures()))
                .param("last", last)
                .param("id", id(operation))
                .param("pages", operation.pages())
                .update();
    }

    /** Notes why the page could not be carried out; it is tried again in a moment. */
    void holdUp(Operation operation, String why) {
        jdbc.sql(HOLD_UP)
                .params(why.replace("\0", ""), id(operation), operation.pages())
                .update();
    }

    private static UUID id(Operation operation) {
        return Objects.requireNonNull(Ulid.parse(operation.id()));
    }

    private static Operation operation(ResultSet row) throws SQLException {
        UUID upTo = row.getObject("up_to", UUID.class);
        long total = row.getLong("total");
        long done = row.getLong("done");
        long failed = row.getLong("failed");
        return new Operation(
                Ulid.print(row.getObject("id", UUID.class)),
                row.getString("project"),
                BulkCommand.of(row.getString("command")),
                new Json(row.getString("filter")),
                row.getString("reason"),
                Operation.Status.of(row.getString("status")),
                row.getLong("position"),
                total,
                done,
                failed,
                total - done - failed,
                MAPPER.readValue(row.getString("failures"), FAILURES),
                row.getString("held_up_by"),
                row.getString("created_by"),
                row.getString("request_id"),
                time(row, "created_at"),
                time(row, "updated_at"),
                row.getObject("finished_at") == null ? null : time(row, "finished_at"),
                row.getLong("pages"),
                upTo == null ? null : new RunId(upTo));
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}

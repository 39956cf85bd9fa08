package io.runledger.query.definition;

import io.runledger.api.DefinitionView;
import io.runledger.api.FailurePolicy;
import io.runledger.api.FindDefinition;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import io.runledger.api.RunDefaults;
import io.runledger.api.Target;
import io.runledger.query.http.PageRequest;
import io.runledger.query.project.ProjectReader;
import io.runledger.query.project.ProjectReader.Plan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import org.axonframework.queryhandling.QueryHandler;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Reads definitions, of one project each time. */
public final class DefinitionQueries {

    private static final String SELECT = """
            select target, version, input_schema, stages, defaults, tasks, on_failure, created_at, updated_at, updated_by
            from of_project.definition where project = ? and not deleted and target""";

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private final ProjectReader reader;

    DefinitionQueries(ProjectReader reader) {
        this.reader = reader;
    }

    /**
     * The definition of a target.
     *
     * @throws Problem when it has none
     */
    @QueryHandler
    public DefinitionView handle(FindDefinition query) {
        List<Object> values = List.of(query.project(), query.target().toString());
        DefinitionView found = reader.first(query.project(), SELECT + " = ?", values, (row, _) -> view(row));
        if (found == null) {
            throw Problem.noSuchDefinition(query.target());
        }
        return found;
    }

    /** The definitions of a project by their targets, as many as the page needs. */
    List<DefinitionView> page(String project, PageRequest page) {
        String sql = SELECT + (page.backwards() ? " < ? order by target desc" : " > ? order by target") + " limit ?";
        List<Object> values = List.of(project, Objects.requireNonNullElse(page.place(), ""), page.rows());
        return reader.list(project, Plan.KEPT, sql, values, (row, _) -> view(row));
    }

    private static DefinitionView view(ResultSet row) throws SQLException {
        Target target = Target.of(row.getString("target"));
        String onFailure = row.getString("on_failure");
        return new DefinitionView(
                target,
                target.kind(),
                target.name(),
                row.getInt("version"),
                json(row, "input_schema"),
                List.of((String[]) row.getArray("stages").getArray()),
                MAPPER.readValue(row.getString("defaults"), RunDefaults.class),
                json(row, "tasks"),
                onFailure == null ? null : FailurePolicy.of(onFailure),
                time(row, "created_at"),
                time(row, "updated_at"),
                row.getString("updated_by"));
    }

    private static @Nullable Json json(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? null : new Json(text);
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}

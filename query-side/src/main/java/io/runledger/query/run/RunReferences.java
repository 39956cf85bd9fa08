package io.runledger.query.run;

import io.runledger.api.Problem;
import io.runledger.api.RunId;
import io.runledger.query.project.ProjectReader;
import java.util.List;
import java.util.UUID;

/** Understands what stands in the place of a run id: an id in either spelling, or {@code key:} and the run's key. */
public final class RunReferences {

    private static final String KEY = "key:";

    private final ProjectReader reader;

    RunReferences(ProjectReader reader) {
        this.reader = reader;
    }

    /**
     * The run that is meant; whether an id exists is not checked.
     *
     * @throws Problem when the text is no reference, or no run of the project has the key
     */
    public RunId resolve(String project, String reference) {
        if (reference.startsWith(KEY)) {
            return withKey(project, reference);
        }
        RunId id = RunId.parse(reference);
        if (id == null) {
            throw Problem.badRequest("id", "not a run id: write 26 characters (ULID), 36 (UUID), or key:<key>");
        }
        return id;
    }

    private RunId withKey(String project, String reference) {
        String key = reference.substring(KEY.length());
        // PostgreSQL takes no U+0000, so no run has it in its key.
        if (key.indexOf('\0') >= 0) {
            throw Problem.noSuchRun(reference);
        }
        RunId run = reader.first(
                project,
                "select run_id from of_project.event where project = ? and run_key = ?",
                List.of(project, key),
                (row, _) -> new RunId(row.getObject("run_id", UUID.class)));
        if (run == null) {
            throw Problem.noSuchRun(reference);
        }
        return run;
    }
}

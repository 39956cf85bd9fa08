package io.runledger.command.http;

import io.runledger.api.Problem;
import io.runledger.api.RunId;
import io.runledger.command.store.RunDirectory;

/** Finds the run that a caller means, by its id in either spelling or by {@code key:} and the caller's own name. */
final class RunReferences {

    static final String KEY_PREFIX = "key:";

    private final RunDirectory directory;

    RunReferences(RunDirectory directory) {
        this.directory = directory;
    }

    /**
     * The id of the run that is meant. That it exists is not checked for an id, which the aggregate knows better.
     *
     * @throws Problem when it is not an id, or no run of the project has the key
     */
    RunId resolve(String project, String reference, String pointer) {
        RunId id = reference.startsWith(KEY_PREFIX)
                ? directory.runOfKey(project, reference.substring(KEY_PREFIX.length()))
                : RunId.parse(reference);
        if (id != null) {
            return id;
        }
        if (reference.startsWith(KEY_PREFIX)) {
            throw Problem.noSuchRun(reference);
        }
        throw Problem.badRequest(pointer, "is not a run: write its id (26 or 36 characters) or key:<key>");
    }
}

package io.runledger.server.postgres;

import io.runledger.server.CannotStart;
import java.nio.file.Path;

/** Refuses a second ledger on a data directory, because two would write over each other. */
public final class DataDirectoryInUse extends CannotStart {

    DataDirectoryInUse(Path directory, String owner) {
        super("The data directory %s belongs to another running ledger (%s). "
                        .formatted(directory, owner.isBlank() ? "of unknown process" : "process " + owner)
                + "Stop that one first, or give this one a data directory of its own.");
    }
}

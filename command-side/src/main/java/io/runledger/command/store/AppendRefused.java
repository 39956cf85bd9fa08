package io.runledger.command.store;

import io.runledger.api.RunId;
import java.sql.SQLException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/** The store's no to an append that would break one of its rules; nothing was written. */
public final class AppendRefused extends ConcurrencyException {

    private static final long serialVersionUID = 1L;

    /** The rule that said no. */
    public enum Rule {
        /** Another command wrote this version of the run first. */
        ONE_EVENT_PER_VERSION("event_one_per_version"),
        /** This command of the run was already written. */
        ONE_EFFECT_PER_COMMAND("event_one_per_command"),
        /** Another run of the project has this key. */
        ONE_RUN_PER_KEY("event_one_run_per_key"),
        /** Another run got this slot of a concurrency first. */
        ONE_RUN_PER_SLOT("work_one_run_per_slot");

        private final String constraint;

        Rule(String constraint) {
            this.constraint = constraint;
        }
    }

    private final Rule rule;

    AppendRefused(RunId runId, Rule rule, SQLException cause) {
        super("run " + runId + ": " + rule, cause);
        this.rule = rule;
    }

    /** The rule that said no. */
    public Rule rule() {
        return rule;
    }

    static RuntimeException orFailure(RunId runId, SQLException cause) {
        String constraint = constraint(cause);
        for (Rule rule : Rule.values()) {
            if (rule.constraint.equals(constraint)) {
                return new AppendRefused(runId, rule, cause);
            }
        }
        return StoreFailure.of("append events", cause);
    }

    private static @Nullable String constraint(SQLException cause) {
        if (!PSQLState.UNIQUE_VIOLATION.getState().equals(cause.getSQLState())) {
            return null;
        }
        ServerErrorMessage message = cause instanceof PSQLException e ? e.getServerErrorMessage() : null;
        return message == null ? null : message.getConstraint();
    }
}

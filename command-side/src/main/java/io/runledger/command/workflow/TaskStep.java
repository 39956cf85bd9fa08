package io.runledger.command.workflow;

import java.util.Locale;

/** What is to be done outside of a run so that its tasks go on; each may be done twice with the effect of once. */
public enum TaskStep {
    /** Find out whether the condition of a task holds. */
    JUDGE,
    /** Make the run of a task. */
    MAKE,
    /** Let the run of a task go on that was stopped or has failed, or was never made. */
    RESUME,
    /** Stop the run of a task. */
    STOP,
    /** Cancel the run of a task. */
    CANCEL,
    /** Put the results of all tasks together. */
    COMPLETE,
    /** Tell the parent of a run how it stands. */
    REPORT;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** The lower case name in the database. */
    public String wireName() {
        return wireName;
    }

    /** The step of this name. */
    public static TaskStep of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}

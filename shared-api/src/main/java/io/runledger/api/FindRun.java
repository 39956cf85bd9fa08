package io.runledger.api;

/**
 * Asks for one run of a project; answered with a {@link RunView}.
 *
 * @param since the version that the answer must show, or a later one; {@link #LATEST} for the run as it is after every
 *     command acknowledged so far, on any node
 */
public record FindRun(String project, RunId runId, long since) {

    /** Later than every version. */
    public static final long LATEST = Long.MAX_VALUE;

    /** The run as it is after every command acknowledged so far, on any node. */
    public static FindRun latest(String project, RunId runId) {
        return new FindRun(project, runId, LATEST);
    }
}

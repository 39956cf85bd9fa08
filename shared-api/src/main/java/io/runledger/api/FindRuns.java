package io.runledger.api;

/**
 * Asks which runs of a project a filter wants right now; answered with {@link FoundRuns}.
 *
 * @param filter the filters of the run list as one JSON object: {@code {"status": ["failed"], "label.team": "web"}}
 * @param sample how many of the runs to show, the oldest first
 * @param most counted are so many runs and one more
 */
public record FindRuns(String project, Json filter, int sample, long most) {}

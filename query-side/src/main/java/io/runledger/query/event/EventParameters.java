package io.runledger.query.event;

import io.runledger.api.Problem;
import io.runledger.api.RunId;
import io.runledger.query.http.QueryParameters;
import io.runledger.query.run.ListedRuns;
import io.runledger.query.run.ListedRunsFactory;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;

/** Reads the query parameters of everything that shows events. Who asks for a run's events cannot name other runs. */
final class EventParameters {

    /** Before the first event of a run. */
    static final long RUN_START = -1;

    /** Before the first event of the ledger. */
    static final long LEDGER_START = 0;

    private static final int DEFAULT_LIMIT = 100;
    private static final int MOST = 1_000;
    private static final String AFTER = "after";

    private final QueryParameters parameters;

    EventParameters(MultiValueMap<String, String> given) {
        this(new QueryParameters(given));
    }

    EventParameters(QueryParameters parameters) {
        this.parameters = parameters;
    }

    long after(long start) {
        return parameters.number(AFTER, start, start, Long.MAX_VALUE);
    }

    /** Where a stream goes on: the header wins, because a browser that comes back repeats the URL as it was. */
    long after(long start, @Nullable String lastEventId) {
        long after = after(start);
        if (lastEventId == null || lastEventId.isEmpty()) {
            return after;
        }
        Long known = QueryParameters.parse(lastEventId);
        if (known == null || known < start) {
            parameters.error("Last-Event-ID", "must be the id of an event of this stream");
            return after;
        }
        return known;
    }

    /** Whether the events of a run's tasks are wanted too; what is known already is then told by position. */
    boolean withTasks() {
        return parameters.value("include", "must be tasks", text -> text.equals("tasks") ? text : null) != null;
    }

    int limit() {
        return (int) parameters.number("limit", DEFAULT_LIMIT, 1, MOST);
    }

    EventFilter types() {
        return EventFilter.ofTypes(parameters.values("type", "may have one *, at its end", EventParameters::type));
    }

    private static @Nullable String type(String text) {
        int star = text.indexOf('*');
        return star < 0 || star == text.length() - 1 ? text : null;
    }

    /** Types and runs; a run may be named by its id or by its key, or be one that the run list would show. */
    EventFilter filter(String project, EventReader reader, ListedRunsFactory listedRuns) {
        EventFilter types = types();
        ListedRuns listed = listedRuns.read(project, parameters);
        Set<RunId> ids = new LinkedHashSet<>();
        String wrong = "must be a run id: 26 characters, or 36";
        ids.addAll(parameters.values("id", wrong, RunId::parse));
        ids.addAll(parameters.values("run_id", wrong, RunId::parse));
        List<String> keys = parameters.texts("key");
        parameters.check();
        Set<RunId> runs = ids;
        if (!keys.isEmpty()) {
            runs = withKeys(project, keys, reader);
            if (!ids.isEmpty()) {
                runs.retainAll(ids);
            }
        }
        boolean isNamed = !ids.isEmpty() || !keys.isEmpty();
        return new EventFilter(types.types(), isNamed ? List.copyOf(runs) : null, listed);
    }

    private static Set<RunId> withKeys(String project, List<String> keys, EventReader reader) {
        Set<RunId> runs = new LinkedHashSet<>();
        for (String key : keys) {
            RunId run = reader.withKey(project, key);
            if (run == null) {
                throw Problem.noSuchRun("key:" + key);
            }
            runs.add(run);
        }
        return runs;
    }

    void check() {
        parameters.check();
    }
}

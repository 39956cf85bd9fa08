package io.runledger.command.task;

import io.runledger.api.Json;
import io.runledger.api.PlannedTask;
import io.runledger.api.RunEvent.RunCreated;
import io.runledger.api.RunId;
import io.runledger.api.RunStatus;
import io.runledger.command.json.JsonTemplate;
import io.runledger.command.json.RawPointer;
import io.runledger.command.store.TaskDirectory;
import io.runledger.command.store.TaskDirectory.Done;
import io.runledger.command.store.TaskDirectory.PlannedRun;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What conditions and references of a run's tasks can speak of, as it is when the turn of a task has come. */
final class TaskFacts {

    private final PlannedRun run;
    private final Map<String, Done> done;
    private final Map<String, Json> outputs;

    /** What is known of a run, of its tasks that have succeeded, and of their outputs, both by key. */
    TaskFacts(PlannedRun run, Map<String, Done> done, Map<String, Json> outputs) {
        this.run = run;
        this.done = done;
        this.outputs = outputs;
    }

    /** The facts that this task speaks of, as far as the outputs have so many bytes together. */
    static TaskFacts of(PlannedRun run, PlannedTask task, TaskDirectory directory, long mostBytes) {
        Set<String> wanted = tasksIn(task);
        Map<String, Done> done = wanted.isEmpty() ? Map.of() : done(run, directory);
        Map<String, RunId> ids = new LinkedHashMap<>();
        wanted.stream().filter(done::containsKey).forEach(key -> ids.put(key, idOf(key, done)));
        Map<RunId, Json> byRun = ids.isEmpty() ? Map.of() : directory.outputs(List.copyOf(ids.values()), mostBytes);
        Map<String, Json> outputs = new HashMap<>();
        ids.forEach((key, id) -> {
            Json output = byRun.get(id);
            if (output != null) {
                outputs.put(key, output);
            }
        });
        return new TaskFacts(run, done, outputs);
    }

    private static RunId idOf(String key, Map<String, Done> done) {
        return Objects.requireNonNull(done.get(key)).runId();
    }

    /** The tasks of the run that have succeeded, by key, and the runs that did them, now or for an earlier run. */
    static Map<String, Done> done(PlannedRun run, TaskDirectory directory) {
        RunCreated created = run.created();
        Map<String, Done> done = new LinkedHashMap<>();
        if (created.tasks() != null) {
            for (PlannedTask task : created.tasks().tasks()) {
                if (task.carried() != null) {
                    done.put(task.key(), new Done(task.carried(), RunStatus.SUCCEEDED));
                }
            }
        }
        done.putAll(directory.done(created.runId()));
        return done;
    }

    /** The keys of the tasks that a task speaks of. */
    private static Set<String> tasksIn(PlannedTask task) {
        Set<String> keys = new TreeSet<>();
        if (task.input() != null) {
            for (JsonTemplate.Reference reference : JsonTemplate.references(task.input(), "", new ArrayList<>())) {
                List<String> path = RawPointer.parse(reference.pointer());
                if (path != null && path.size() > 1 && path.getFirst().equals("tasks")) {
                    keys.add(path.get(1));
                }
            }
        }
        if (task.condition() != null) {
            keys.addAll(Condition.tasksIn(task.condition()));
        }
        return keys;
    }

    /** What a JSON pointer of a reference points to; null when there is nothing. */
    @Nullable
    Json at(String pointer) {
        List<String> path = RawPointer.parse(pointer);
        if (path == null || path.size() < 2) {
            return null;
        }
        if (path.getFirst().equals("run")) {
            return ofRun(path.get(1), path.subList(2, path.size()));
        }
        if (path.size() < 3 || !path.getFirst().equals("tasks")) {
            return null;
        }
        String key = path.get(1);
        if (path.get(2).equals("status")) {
            return path.size() == 3 ? status(key) : null;
        }
        Json output = outputs.get(key);
        return output == null ? null : RawPointer.find(output, path.subList(3, path.size()));
    }

    private @Nullable Json status(String key) {
        Done known = done.get(key);
        return known == null ? null : JsonTemplate.text(known.status().wireName());
    }

    private @Nullable Json ofRun(String name, List<String> path) {
        return switch (name) {
            case "input" -> find(run.input(), path);
            case "config" -> find(run.created().config(), path);
            case "labels" -> {
                Map<String, String> labels = run.created().labels();
                String label = labels == null || path.size() != 1 ? null : labels.get(path.getFirst());
                yield label == null ? null : JsonTemplate.text(label);
            }
            default -> null;
        };
    }

    private static @Nullable Json find(@Nullable Json value, List<String> path) {
        return RawPointer.find(value == null ? Json.NULL : value, path);
    }

    @Nullable
    Json input() {
        return run.input();
    }

    @Nullable
    Json config() {
        return run.created().config();
    }

    Map<String, String> labels() {
        Map<String, String> labels = run.created().labels();
        return labels == null ? Map.of() : labels;
    }

    /** How the tasks ended that have succeeded, by key. */
    Map<String, RunStatus> statuses() {
        Map<String, RunStatus> statuses = new HashMap<>();
        done.forEach((key, end) -> statuses.put(key, end.status()));
        return statuses;
    }

    /** The outputs of the tasks that are spoken of and have succeeded, by key. */
    Map<String, Json> outputs() {
        return outputs;
    }
}

package io.runledger.command.task;

import io.runledger.api.FieldError;
import io.runledger.api.PlannedTask;
import io.runledger.command.json.JsonTemplate;
import io.runledger.command.json.JsonTemplate.Reference;
import io.runledger.command.json.RawPointer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Looks a plan through before anything of it is accepted: keys, dependencies, circles, conditions, references. */
public final class PlanCheck {

    private static final Set<String> OF_RUN = Set.of("input", "config", "labels");

    private final List<Placed> tasks;
    private final TaskSettings settings;
    private final List<FieldError> errors = new ArrayList<>();
    private final Map<String, Integer> places = new HashMap<>();

    private PlanCheck(List<Placed> tasks, TaskSettings settings) {
        this.tasks = tasks;
        this.settings = settings;
    }

    /** A task, and where it stands in the body that it came in, as a JSON pointer. */
    public record Placed(PlannedTask task, String pointer) {}

    /** Everything that is wrong with these tasks as a plan; empty when nothing is. */
    public static List<FieldError> errors(List<Placed> tasks, TaskSettings settings) {
        if (tasks.size() > settings.mostTasks()) {
            return List.of(new FieldError(
                    "/tasks", "a run has at most " + settings.mostTasks() + " tasks, and here are " + tasks.size()));
        }
        PlanCheck check = new PlanCheck(tasks, settings);
        check.look();
        return check.errors;
    }

    private void look() {
        for (int i = 0; i < tasks.size(); i++) {
            if (places.putIfAbsent(tasks.get(i).task().key(), i) != null) {
                tell(
                        i,
                        "/key",
                        "another task has the key " + tasks.get(i).task().key());
            }
        }
        for (int i = 0; i < tasks.size(); i++) {
            dependencies(i);
        }
        BitSet[] before = before();
        for (int i = 0; i < tasks.size(); i++) {
            condition(i, before[i]);
            references(i, before[i]);
        }
    }

    private void tell(int task, String below, String detail) {
        errors.add(new FieldError(tasks.get(task).pointer() + below, detail));
    }

    private void dependencies(int i) {
        for (String need : tasks.get(i).task().needs()) {
            if (!places.containsKey(need)) {
                tell(i, "/depends_on", "there is no task " + need);
            }
        }
    }

    /** Of each task, those that have succeeded when its turn comes; tells which tasks wait for themselves. */
    private BitSet[] before() {
        BitSet[] before = new BitSet[tasks.size()];
        int[] waitsFor = new int[tasks.size()];
        List<List<Integer>> followers = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            before[i] = new BitSet();
            followers.add(new ArrayList<>());
        }
        for (int i = 0; i < tasks.size(); i++) {
            for (String need : tasks.get(i).task().needs()) {
                Integer place = places.get(need);
                if (place != null) {
                    waitsFor[i]++;
                    followers.get(place).add(i);
                }
            }
        }
        Deque<Integer> free = new ArrayDeque<>();
        for (int i = 0; i < tasks.size(); i++) {
            if (waitsFor[i] == 0) {
                free.add(i);
            }
        }
        while (!free.isEmpty()) {
            int task = free.remove();
            for (int next : followers.get(task)) {
                before[next].or(before[task]);
                before[next].set(task);
                if (--waitsFor[next] == 0) {
                    free.add(next);
                }
            }
        }
        for (int i = 0; i < tasks.size(); i++) {
            if (waitsFor[i] > 0) {
                tell(i, "/depends_on", "the task would wait for itself, or for tasks that do");
            }
        }
        return before;
    }

    private void condition(int i, BitSet before) {
        String condition = tasks.get(i).task().condition();
        if (condition != null) {
            Condition.errors(condition, settings).forEach(error -> tell(i, "/if", error));
            Condition.tasksIn(condition).forEach(key -> spokenOf(i, "/if", key, before));
        }
    }

    private void references(int i, BitSet before) {
        PlannedTask task = tasks.get(i).task();
        if (task.input() == null) {
            return;
        }
        String place = tasks.get(i).pointer() + "/input";
        for (Reference reference : JsonTemplate.references(task.input(), place, errors)) {
            List<String> path = Objects.requireNonNullElse(RawPointer.parse(reference.pointer()), List.of());
            String below = reference.place().substring(tasks.get(i).pointer().length());
            boolean ofRun = path.size() > 1 && path.getFirst().equals("run") && OF_RUN.contains(path.get(1));
            boolean ofTask = path.size() > 2
                    && path.getFirst().equals("tasks")
                    && (path.get(2).equals("output") || path.get(2).equals("status") && path.size() == 3);
            if (ofTask) {
                spokenOf(i, below, path.get(1), before);
            } else if (!ofRun) {
                tell(
                        i,
                        below,
                        "must point into /run/input, /run/config, /run/labels or /tasks/KEY/output, or to /tasks/KEY/status");
            }
        }
    }

    private void spokenOf(int i, String below, String key, BitSet before) {
        Integer place = places.get(key);
        if (place == null) {
            tell(i, below, "there is no task " + key);
        } else if (!before.get(place)) {
            tell(i, below, "speaks of the task " + key + ", which this one does not wait for");
        }
    }
}

package io.runledger.command.workflow;

import io.runledger.api.FailurePolicy;
import io.runledger.api.PlannedTask;
import io.runledger.api.RunId;
import io.runledger.api.TaskPlan;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which task of a plan waits for which: what the rules need of a plan, without inputs. Tasks go by their places. */
final class TaskGraph {

    private final String[] keys;
    private final Map<String, Integer> places;
    private final int[][] needs;
    private final int[] order;
    private final @Nullable RunId[] carried;
    private final BitSet optional = new BitSet();
    private final BitSet conditional = new BitSet();
    private final boolean failFast;

    private TaskGraph(TaskPlan plan) {
        List<PlannedTask> tasks = plan.tasks();
        this.keys = tasks.stream().map(PlannedTask::key).toArray(String[]::new);
        this.places = HashMap.newHashMap(keys.length);
        for (int i = 0; i < keys.length; i++) {
            places.put(keys[i], i);
        }
        this.needs = new int[keys.length][];
        this.carried = new @Nullable RunId[keys.length];
        for (int i = 0; i < keys.length; i++) {
            PlannedTask task = tasks.get(i);
            needs[i] = task.needs().stream()
                    .mapToInt(this::placeOf)
                    .filter(need -> need >= 0)
                    .toArray();
            carried[i] = task.carried();
            optional.set(i, task.mayFail());
            conditional.set(i, task.condition() != null);
        }
        this.order = order();
        this.failFast = plan.onFailure() == FailurePolicy.FAIL_FAST;
    }

    /** The graph of a plan, which was looked through before it was recorded. */
    static TaskGraph of(TaskPlan plan) {
        return new TaskGraph(plan);
    }

    /** The tasks, each after all that it needs. */
    private int[] order() {
        int[] waitsFor = new int[keys.length];
        BitSet[] followers = new BitSet[keys.length];
        for (int i = 0; i < keys.length; i++) {
            followers[i] = new BitSet();
        }
        for (int i = 0; i < keys.length; i++) {
            waitsFor[i] = needs[i].length;
            for (int need : needs[i]) {
                followers[need].set(i);
            }
        }
        Deque<Integer> free = new ArrayDeque<>();
        for (int i = 0; i < keys.length; i++) {
            if (waitsFor[i] == 0) {
                free.add(i);
            }
        }
        int[] inOrder = new int[keys.length];
        int count = 0;
        while (!free.isEmpty()) {
            int task = free.remove();
            inOrder[count++] = task;
            followers[task].stream().filter(next -> --waitsFor[next] == 0).forEach(free::add);
        }
        // What goes round in a circle is refused before it is recorded; folding never judges, and its turn never comes.
        return Arrays.copyOf(inOrder, count);
    }

    int size() {
        return keys.length;
    }

    String key(int task) {
        return keys[task];
    }

    /** The task of this key; -1 when there is none. */
    int placeOf(String key) {
        return places.getOrDefault(key, -1);
    }

    int[] needs(int task) {
        return needs[task];
    }

    /** The tasks, each after all that it needs. */
    int[] inOrder() {
        return order;
    }

    boolean isOptional(int task) {
        return optional.get(task);
    }

    boolean isConditional(int task) {
        return conditional.get(task);
    }

    /** The run whose success is taken over instead of doing the task; null when it is to be done. */
    @Nullable
    RunId carried(int task) {
        return carried[task];
    }

    /** Whether tasks under way are cancelled when another one fails. */
    boolean failsFast() {
        return failFast;
    }
}

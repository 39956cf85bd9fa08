package io.runledger.command.task;

import io.runledger.api.Json;
import io.runledger.api.PlannedTask;
import io.runledger.api.RunId;
import io.runledger.command.json.JsonTemplate;
import java.util.List;
import java.util.Map;

/** The output of a run made of tasks: what each task that succeeded came to, under its key, as it was given. */
final class TaskOutput {

    private TaskOutput() {}

    /** Of these tasks, done by these runs; an output that is missing is named by the run that has it. */
    static Json of(List<PlannedTask> tasks, List<RunId> runs, Map<RunId, Json> outputs) {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < tasks.size(); i++) {
            RunId run = runs.get(i);
            Json output = outputs.get(run);
            json.append(i == 0 ? "" : ",")
                    .append(JsonTemplate.text(tasks.get(i).key()).text())
                    .append(':')
                    .append(output == null ? "{\"$run\":\"" + run + "\"}" : output.text());
        }
        return new Json(json.append('}').toString());
    }
}

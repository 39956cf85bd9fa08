package io.runledger.query.run;

import io.runledger.api.Artifact;
import io.runledger.api.RunView;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** The small JSON values that the view writes and reads itself; what callers gave is never parsed here. */
final class ViewJson {

    static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private static final TypeReference<List<Artifact>> ARTIFACTS = new TypeReference<>() {};
    private static final TypeReference<List<RunView.Task>> TASKS = new TypeReference<>() {};
    private static final TypeReference<TreeMap<String, String>> LABELS = new TypeReference<>() {};

    private ViewJson() {}

    static String artifacts(Collection<Artifact> artifacts) {
        return MAPPER.writeValueAsString(artifacts);
    }

    static Map<String, Artifact> artifacts(String json) {
        Map<String, Artifact> byName = new LinkedHashMap<>();
        MAPPER.readValue(json, ARTIFACTS).forEach(artifact -> byName.put(artifact.name(), artifact));
        return byName;
    }

    static String labels(Map<String, String> labels) {
        return MAPPER.writeValueAsString(labels);
    }

    static Map<String, String> labels(String json) {
        return MAPPER.readValue(json, LABELS);
    }

    static String tasks(Collection<RunView.Task> tasks) {
        return MAPPER.writeValueAsString(tasks);
    }

    static Map<String, RunView.Task> tasks(String json) {
        Map<String, RunView.Task> byKey = new LinkedHashMap<>();
        MAPPER.readValue(json, TASKS).forEach(task -> byKey.put(task.key(), task));
        return byKey;
    }

    static String terms(RunTerms terms) {
        return MAPPER.writeValueAsString(terms);
    }

    static RunTerms terms(String json) {
        return MAPPER.readValue(json, RunTerms.class);
    }
}

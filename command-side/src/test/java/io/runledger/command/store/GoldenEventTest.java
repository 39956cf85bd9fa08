package io.runledger.command.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.RunEvent;
import io.runledger.api.RunId;
import io.runledger.api.Terms;
import io.runledger.command.run.SampleEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.SimpleSerializedObject;
import org.axonframework.serialization.SimpleSerializedType;
import org.axonframework.serialization.UnknownSerializedType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One file per event type and version, with every optional field set, as it lies in the store. A file is never changed;
 * a new version gets a new file, and the old one goes on being read through an upcaster.
 */
class GoldenEventTest {

    private static final Path FOLDER = Path.of("src", "test", "resources", "golden");
    private static final Pattern NAME = Pattern.compile("(run\\.[a-z_]+)\\.v([1-9][0-9]*)\\.json");
    private static final String HOW = "an event type without its golden file; -Drunledger.write-golden=true makes it";

    private final Serializer serializer = EventSerializer.create();

    @ParameterizedTest
    @EnumSource
    void what_is_written_today_is_what_the_file_says(EventType type) throws IOException {
        Path file = FOLDER.resolve(type.storedName() + ".v" + type.version() + ".json");
        SerializedObject<String> written = serializer.serialize(sample(type), String.class);
        if (Boolean.getBoolean("runledger.write-golden") && Files.notExists(file)) {
            Files.writeString(file, written.getData());
        }

        assertThat(file).as(HOW).exists();
        assertThat(written.getData()).isEqualTo(Files.readString(file));
        assertThat(written.getType().getName()).isEqualTo(type.storedName());
        assertThat(written.getType().getRevision()).isEqualTo(Integer.toString(type.version()));
    }

    @ParameterizedTest
    @EnumSource
    void what_the_file_says_is_read_back_equal(EventType type) throws IOException {
        Path file = FOLDER.resolve(type.storedName() + ".v" + type.version() + ".json");

        assertThat(read(type.storedName(), type.version(), Files.readString(file)))
                .isEqualTo(sample(type));
    }

    static Stream<Path> files() throws IOException {
        return Files.list(FOLDER).sorted();
    }

    @ParameterizedTest
    @MethodSource("files")
    void every_file_is_of_a_type_that_exists_in_a_version_that_was_written(Path file) {
        Matcher name = NAME.matcher(file.getFileName().toString());

        assertThat(name.matches()).as("the name of %s", file).isTrue();
        EventType type = EventType.readable(name.group(1), name.group(2));
        assertThat(type).as("a stored type must exist for ever").isNotNull();
        assertThat(Integer.parseInt(name.group(2))).isBetween(1, type.version());
    }

    @Test
    void every_version_ever_written_has_its_file() throws IOException {
        List<String> names = files().map(file -> file.getFileName().toString()).toList();

        for (EventType type : EventType.values()) {
            for (int version = 1; version <= type.version(); version++) {
                assertThat(names).contains(type.storedName() + ".v" + version + ".json");
            }
        }
    }

    @Test
    void a_creation_of_version_1_has_no_terms_and_one_of_version_2_no_tasks() throws IOException {
        RunEvent.RunCreated today = (RunEvent.RunCreated) sample(EventType.CREATED);

        assertThat(read("run.created", 1, Files.readString(FOLDER.resolve("run.created.v1.json"))))
                .isEqualTo(before(today, null, null));
        assertThat(read("run.created", 2, Files.readString(FOLDER.resolve("run.created.v2.json"))))
                .isEqualTo(before(today, today.terms(), today.rerunOf()));
    }

    private static RunEvent.RunCreated before(
            RunEvent.RunCreated today, @Nullable Terms terms, @Nullable RunId rerunOf) {
        return new RunEvent.RunCreated(
                today.runId(),
                today.project(),
                today.target(),
                today.mode(),
                today.key(),
                today.name(),
                today.input(),
                today.config(),
                today.labels(),
                today.metadata(),
                today.stage(),
                today.queue(),
                today.priority(),
                today.maxAttempts(),
                today.backoff(),
                terms,
                rerunOf,
                null,
                null);
    }

    @Test
    void no_field_of_a_sample_is_left_out() {
        for (RunEvent event : SampleEvents.all()) {
            for (var component : event.getClass().getRecordComponents()) {
                assertThat(event)
                        .extracting(component.getName())
                        .as("%s of the sample of %s", component.getName(), event.getClass())
                        .isNotNull();
            }
        }
    }

    @Test
    void an_absent_field_is_read_as_none_and_written_as_none() {
        assertThat(read("run.started", 1, "{\"attempt\":1}")).isEqualTo(new RunEvent.RunStarted(1, null, null));
        assertThat(serializer
                        .serialize(new RunEvent.RunStarted(1, null, null), String.class)
                        .getData())
                .isEqualTo("{\"attempt\":1}");
        assertThat(read("run.noted", 1, "{\"type\":\"a\"}")).isEqualTo(new RunEvent.RunNoted("a", null));
    }

    @Test
    void a_field_that_a_newer_node_wrote_does_not_stop_this_one() {
        assertThat(read("run.started", 1, "{\"attempt\":1,\"zone\":{\"a\":[1]},\"worker\":\"w\"}"))
                .isEqualTo(new RunEvent.RunStarted(1, "w", null));
    }

    @Test
    void a_version_or_a_type_that_a_newer_node_wrote_is_not_taken_for_what_this_one_knows() {
        for (EventType type : EventType.values()) {
            assertThat(read(type.storedName(), type.version() + 1, "{}")).isInstanceOf(UnknownSerializedType.class);
        }
        assertThat(read("run.teleported", 1, "{}")).isInstanceOf(UnknownSerializedType.class);
    }

    private Object read(String type, int version, String json) {
        return serializer.deserialize(new SimpleSerializedObject<>(
                json, String.class, new SimpleSerializedType(type, Integer.toString(version))));
    }

    private static RunEvent sample(EventType type) {
        return SampleEvents.all().stream()
                .filter(event -> event.getClass() == type.eventClass())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no sample of " + type.storedName()));
    }
}

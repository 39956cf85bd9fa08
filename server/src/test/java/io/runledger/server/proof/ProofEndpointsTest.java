package io.runledger.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.http.RunningLedger;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.core.env.Environment;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A caller gets checkpoints, has the record held against them, and does the same away from the ledger. */
@RunningLedger
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProofEndpointsTest {

    private final ProjectOfTests project;
    private final Environment environment;
    private Path export;
    private Path checkpoint;
    private Path key;
    private String kept;

    ProofEndpointsTest(
            @LocalServerPort int port, @Value("${runledger.api-key}") String adminKey, Environment environment) {
        this.project = new ProjectOfTests(port, adminKey, "proved", 20);
        this.environment = environment;
    }

    @BeforeAll
    void keep(@TempDir Path folder) throws IOException {
        HttpResponse<String> made = project.post("/v1/checkpoints", "");
        while (made.statusCode() == 201) {
            kept = made.body();
            made = project.post("/v1/checkpoints", "");
        }
        assertThat(made.body()).as("nothing happened meanwhile").isEqualTo(kept);
        export = Files.writeString(
                folder.resolve("events.ndjson"),
                project.get("/v1/export?what=events").body());
        checkpoint = Files.writeString(folder.resolve("checkpoint.json"), kept);
        key = Files.writeString(
                folder.resolve("key.pem"),
                json(project.get("/v1/checkpoints/key").body())
                        .at("/public_key")
                        .asString());
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private record Run(int code, String printed) {}

    private Run verify(Object... arguments) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int code = VerifyCommand.run(
                Arrays.stream(arguments).map(Object::toString).toList(),
                Map.of(
                        "RUNLEDGER_DATABASE_USER",
                        environment.getRequiredProperty("runledger.database.user"),
                        "RUNLEDGER_DATABASE_PASSWORD",
                        environment.getRequiredProperty("runledger.database.password")),
                new PrintStream(printed, true, StandardCharsets.UTF_8));
        return new Run(code, printed.toString(StandardCharsets.UTF_8));
    }

    private Run verifyExport(List<String> lines) throws IOException {
        Path changed = Files.write(export.resolveSibling("changed.ndjson"), lines);
        return verify("--events", changed, "--checkpoint", checkpoint, "--public-key", key);
    }

    @Test
    void the_record_is_gone_through_page_by_page() {
        JsonNode page = json(project.get("/v1/verify").body());
        while (!page.at("/done").asBoolean()) {
            page = json(project.get("/v1/verify?after=" + page.at("/next").asString())
                    .body());
        }
        assertThat(page.at("/valid").asBoolean()).as(page.toString()).isTrue();
        assertThat(page.at("/faults")).isEmpty();
        assertThat(page.at("/next").isNull()).isTrue();
        assertThat(page.at("/root").asString()).isEqualTo(json(kept).at("/root").asString());
        assertThat(page.at("/events").asLong())
                .isEqualTo(json(kept).at("/events").asLong())
                .isPositive();
        assertThat(page.at("/runs").asLong()).isEqualTo(21);
        assertThat(page.at("/proved_to").asLong())
                .isEqualTo(json(kept).at("/position").asLong());
    }

    @Test
    void a_checkpoint_that_was_kept_is_contained() {
        JsonNode page = json(project.post("/v1/verify", kept).body());
        while (!page.at("/done").asBoolean()) {
            page = json(project.post("/v1/verify?after=" + page.at("/next").asString(), kept)
                    .body());
        }
        assertThat(page.at("/checkpoint/signature").asString()).isEqualTo("valid");
        assertThat(page.at("/checkpoint/contained").asBoolean()).isTrue();
        assertThat(page.at("/valid").asBoolean()).isTrue();
    }

    @Test
    void a_checkpoint_of_another_ledger_is_not() {
        String root = json(kept).at("/root").asString();
        String id = json(kept).at("/key_id").asString();
        String foreign = kept.replace(id, "0".repeat(64)).replace(root, "1".repeat(64));
        JsonNode page = json(project.post("/v1/verify", foreign).body());
        while (!page.at("/done").asBoolean()) {
            page = json(project.post("/v1/verify?after=" + page.at("/next").asString(), foreign)
                    .body());
        }
        assertThat(page.at("/checkpoint/signature").asString()).isEqualTo("unknown_key");
        assertThat(page.at("/checkpoint/contained").asBoolean()).isFalse();
        assertThat(page.at("/valid").asBoolean()).isFalse();
        assertThat(page.at("/fault_count").asLong()).isEqualTo(1);
    }

    @Test
    void what_was_changed_in_a_checkpoint_is_told_with_its_place() {
        JsonNode changed = json(project.refused("POST", "/v1/verify", kept.replace("\"runs\":21", "\"runs\":20"), 400));
        assertThat(changed.at("/errors/0/pointer").asString()).isEqualTo("/signature");
        JsonNode other = json(project.refused("POST", "/v1/verify", kept.replace("\"proved\"", "\"default\""), 400));
        assertThat(other.at("/errors/0/pointer").asString()).isEqualTo("/project");
        JsonNode all = json(project.refused(
                "POST", "/v1/verify", "{\"format\":2,\"project\":\"A B\",\"position\":-1,\"surplus\":1}", 400));
        assertThat(all.at("/errors"))
                .extracting(error -> error.at("/pointer").asString())
                .containsExactlyInAnyOrder(
                        "/format",
                        "/project",
                        "/position",
                        "/events",
                        "/runs",
                        "/root",
                        "/recorded_at",
                        "/key_id",
                        "/signature",
                        "/surplus");
        JsonNode cursor = json(project.refused("GET", "/v1/verify?after=x&surplus=1", "", 400));
        assertThat(cursor.at("/errors"))
                .extracting(error -> error.at("/pointer").asString())
                .containsExactlyInAnyOrder("after", "surplus");
    }

    @Test
    void the_checkpoints_are_listed() {
        JsonNode list = json(project.get("/v1/checkpoints?limit=1").body());
        assertThat(list.at("/data/0")).isEqualTo(json(kept));
    }

    @Test
    void an_export_is_checked_without_the_ledger() {
        Run right = verify("--events", export, "--checkpoint", checkpoint, "--public-key", key);
        assertThat(right.code()).as(right.printed()).isEqualTo(VerifyCommand.RIGHT);
        assertThat(right.printed())
                .contains("21 runs of project proved", "all of it is there", "all as it was written")
                .contains(json(kept).at("/root").asString());
        assertThat(verify("--events", export, "--project", "proved").code()).isEqualTo(VerifyCommand.RIGHT);
    }

    @Test
    void what_is_wrong_with_an_export_is_told_by_run_and_position() throws IOException {
        List<String> lines = Files.readAllLines(export);
        JsonNode victim = json(lines.get(1));
        String place = "position " + victim.at("/position").asLong() + ", run "
                + victim.at("/run_id").asString();
        List<String> changed = new ArrayList<>(lines);
        changed.set(1, lines.get(1).replaceFirst("\"actor\":\"", "\"actor\":\"x"));
        Run run = verifyExport(changed);
        assertThat(run.code()).isEqualTo(VerifyCommand.WRONG);
        assertThat(run.printed()).contains("changed at " + place, "things are not as they were written");

        List<String> shorter = new ArrayList<>(lines);
        shorter.remove(1);
        assertThat(verifyExport(shorter).printed()).contains("the record is not the one it was made of");

        List<String> swapped = new ArrayList<>(lines);
        java.util.Collections.swap(swapped, 0, 2);
        assertThat(verifyExport(swapped).code()).isEqualTo(VerifyCommand.WRONG);

        String tail = lines.get(lines.size() - 2);
        List<String> cut = new ArrayList<>(lines);
        cut.remove(tail);
        assertThat(verifyExport(cut).code()).as("the end of a run is gone").isEqualTo(VerifyCommand.WRONG);
    }

    @Test
    void what_cannot_be_told_is_not_called_right() throws IOException {
        List<String> lines = Files.readAllLines(export);
        assertThat(verifyExport(lines.subList(0, lines.size() - 1)))
                .isEqualTo(new Run(
                        VerifyCommand.UNKNOWN,
                        "cannot tell: the export has no last line, so it is not complete" + System.lineSeparator()));
        List<String> early = new ArrayList<>(lines.subList(0, 3));
        early.add("{\"end\":true,\"events\":3,\"next\":%d}"
                .formatted(json(lines.get(2)).at("/position").asLong()));
        assertThat(verifyExport(early).code()).isEqualTo(VerifyCommand.UNKNOWN);
        assertThat(verifyExport(List.of("{", "x")).code()).isEqualTo(VerifyCommand.UNKNOWN);
        assertThat(verify("--events", export.resolveSibling("none")).code()).isEqualTo(VerifyCommand.UNKNOWN);
        assertThat(verify("--events", export, "--checkpoint", key, "--public-key", key)
                        .code())
                .isEqualTo(VerifyCommand.UNKNOWN);
        assertThat(verify("--events", export, "--checkpoint", checkpoint, "--public-key", export)
                        .code())
                .isEqualTo(VerifyCommand.UNKNOWN);
        assertThat(verify("--events", export, "--checkpoint", checkpoint).printed())
                .contains("usage: ");
        assertThat(verify("--event", export).printed()).contains("usage: ");
        assertThat(verify("--database", "jdbc:postgresql://localhost:1/none").code())
                .isEqualTo(VerifyCommand.UNKNOWN);
    }

    @Test
    void a_checkpoint_that_this_key_did_not_sign_proves_nothing() throws IOException {
        Path forged =
                Files.writeString(export.resolveSibling("forged.json"), kept.replace("\"runs\":21", "\"runs\":20"));
        Run run = verify("--events", export, "--checkpoint", forged, "--public-key", key);
        assertThat(run.code()).isEqualTo(VerifyCommand.WRONG);
        assertThat(run.printed()).contains("was not signed with this key");
    }

    @Test
    void a_database_is_checked_without_the_ledger() {
        Run right = verify(
                "--database",
                environment.getRequiredProperty("runledger.database.url"),
                "--checkpoint",
                checkpoint,
                "--public-key",
                key);
        assertThat(right.code()).as(right.printed()).isEqualTo(VerifyCommand.RIGHT);
        assertThat(right.printed()).contains("all of it is there");
    }
}

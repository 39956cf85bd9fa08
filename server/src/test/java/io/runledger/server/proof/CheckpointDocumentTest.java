package io.runledger.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.EventHash;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The vector of docs/checkpoints.md is what the ledger makes of the events of docs/hash-chain.md. */
class CheckpointDocumentTest {

    private static final Path DOCS = Path.of("..", "docs");

    private static String block(String document, String expression) throws IOException {
        Matcher block = Pattern.compile(expression, Pattern.DOTALL).matcher(Files.readString(DOCS.resolve(document)));
        assertThat(block.find()).as(expression).isTrue();
        return block.group(1);
    }

    @Test
    void the_vector_holds(@TempDir Path folder) throws IOException {
        String lines = block("hash-chain.md", "\\{\"data\":\\[\\n(.*?)\\n\\]").replace("},\n{", "}\n{");
        ProjectRecord record = new ProjectRecord("default");
        long end = new ExportFile(
                        new BufferedReader(new StringReader(lines + "\n{\"end\":true,\"events\":2,\"next\":42}\n")),
                        "default")
                .read(record::add);
        assertThat(record.told()).isEmpty();
        CheckpointKey key = CheckpointKey.ensure(CheckpointKeyTest.SECRET, folder);
        Checkpoint made = Checkpoint.of(record, end, Instant.parse("2026-01-31T13:00:00Z"), key);
        String written = block("checkpoints.md", "```json\\n(\\{.*?\\})\\n```");
        JsonNode vector = JsonMapper.shared().readTree(written);
        assertThat(vector.propertyNames()).hasSize(9);
        assertThat(vector.at("/root").asString()).isEqualTo(made.root());
        assertThat(vector.at("/key_id").asString()).isEqualTo(key.id());
        assertThat(vector.at("/signature").asString()).isEqualTo(made.signature());
        assertThat(vector.at("/recorded_at").asString()).isEqualTo(EventHash.time(made.recordedAt()));
        assertThat(block("checkpoints.md", "(-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----\n)"))
                .isEqualTo(key.shown().pem());
        assertThat(written.replaceAll("[\\n ]", ""))
                .isEqualTo(new String(made.content()).replace("}", ",\"signature\":\"" + made.signature() + "\"}"));
    }
}

package io.runledger.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.GeneratedPart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of roles, and that docs/access.md shows it. */
class RoleTest {

    private static final Path FILE = Path.of("..", "docs", "access.md");

    @Test
    void the_document_shows_the_table() throws IOException {
        new GeneratedPart(FILE, "Role", RoleTest.class).mustBe(table());
    }

    private static String table() {
        StringJoiner lines = new StringJoiner("\n", "| role | | calls |\n|---|---|---|\n", "\n");
        for (Role role : Role.values()) {
            String calls = role.calls().stream()
                    .map(call -> "`" + call + "`" + (call.ofLedger() ? " \\*" : ""))
                    .collect(Collectors.joining("<br>"));
            lines.add("| `" + role.wireName() + "` | " + role.adds() + " | " + calls + " |");
        }
        return lines.toString();
    }

    @Test
    void every_call_stands_in_the_table_once() {
        List<Call> calls = Arrays.stream(Role.values())
                .flatMap(role -> role.calls().stream())
                .toList();
        assertThat(calls).extracting(Call::toString).doesNotHaveDuplicates();
        // What somebody kept is too long for a URL: that question comes with a body.
        assertThat(Role.VIEWER.calls())
                .allMatch(call ->
                        call.method().name().equals("GET") || call.path().equals("/v1/verify"));
    }

    @Test
    void each_role_includes_those_before_it_and_itself() {
        assertThat(Role.values()).extracting(Role::wireName).containsExactly("viewer", "operator", "worker", "admin");
        for (Role one : Role.values()) {
            for (Role other : Role.values()) {
                assertThat(one.includes(other)).isEqualTo(one.ordinal() >= other.ordinal());
            }
            assertThat(Role.parse(one.wireName())).isEqualTo(one);
        }
        assertThat(Role.parse("root")).isNull();
        assertThat(Role.parse("ADMIN")).isNull();
    }
}

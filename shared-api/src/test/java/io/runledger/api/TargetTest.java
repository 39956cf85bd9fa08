package io.runledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "task:send-mail",
                "action:x",
                "workflow:etl/daily@2",
                "process:receipt",
                "agent:Support_Bot.v2",
                "task:0"
            })
    void a_kind_and_a_name_are_read_and_written_alike(String text) {
        Target target = Target.of(text);

        assertThat(target.toString()).isEqualTo(text);
        assertThat(target).isEqualTo(Target.parse(target.kind() + ":" + target.name()));
    }

    @Test
    void a_name_has_at_most_200_characters() {
        assertThat(Target.parse("task:" + "a".repeat(200))).isNotNull();
        assertThat(Target.parse("task:" + "a".repeat(201))).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "task",
                "task:",
                ":x",
                "job:x",
                "Task:x",
                " task:x",
                "task:x ",
                "task:x\n",
                "task: x",
                "task:-x",
                "task:.x",
                "task:a b",
                "task:a:b",
                "task:é",
                "task:a\u0000"
            })
    void anything_else_is_no_target(String text) {
        assertThat(Target.parse(text)).isNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Target.of(text))
                .withMessageContaining("kind:name")
                .withMessageContaining("process");
    }
}

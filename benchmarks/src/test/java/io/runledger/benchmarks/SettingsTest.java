package io.runledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SettingsTest {

    @Test
    void what_is_not_given_has_its_usual_value() {
        Settings settings = Settings.read("runs=5000000", "workloads=lists,commands");
        assertThat(settings.runs()).isEqualTo(5_000_000);
        assertThat(settings.rounds()).isEqualTo(5);
        assertThat(settings.log()).isEqualTo(2_400);
        assertThat(settings.workloads()).isEqualTo(List.of("lists", "commands"));
        assertThat(settings.questions()).isEmpty();
        assertThat(settings.url()).isEmpty();
    }

    @Test
    void everything_that_is_wrong_is_told_at_once() {
        assertThatThrownBy(() -> Settings.read("run=5", "quick", "rounds=1"))
                .hasMessageContaining("run")
                .hasMessageContaining("quick");
    }
}

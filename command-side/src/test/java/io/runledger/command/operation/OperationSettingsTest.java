package io.runledger.command.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.runledger.api.FieldError;
import io.runledger.api.Problem;
import org.junit.jupiter.api.Test;

class OperationSettingsTest {

    private static final OperationSettings SETTINGS = new OperationSettings(1_000, 1, 1, 1);

    @Test
    void an_operation_is_about_a_bounded_number_of_runs() {
        assertThatCode(() -> SETTINGS.requireNotTooMany(1_000)).doesNotThrowAnyException();

        Problem refused = catchThrowableOfType(Problem.class, () -> SETTINGS.requireNotTooMany(1_001));
        assertThat(refused.errors()).extracting(FieldError::pointer).containsExactly("/filter");
        assertThat(refused).hasMessageContaining("more than 1000 runs");
    }
}

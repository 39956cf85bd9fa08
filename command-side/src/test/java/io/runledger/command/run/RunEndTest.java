package io.runledger.command.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.RunEvent;
import io.runledger.command.store.EventType;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RunEndTest {

    static Stream<RunEvent> events() {
        return SampleEvents.all().stream();
    }

    @ParameterizedTest
    @MethodSource("events")
    void an_event_is_called_an_end_when_it_ends_the_run(RunEvent event) {
        RunState state = new RunState();
        state.evolve(event);
        String name = Stream.of(EventType.values())
                .filter(type -> type.eventClass() == event.getClass())
                .findAny()
                .orElseThrow()
                .storedName();
        assertThat(RunEvent.ENDS.contains(name)).isEqualTo(state.status().isEnd());
    }
}

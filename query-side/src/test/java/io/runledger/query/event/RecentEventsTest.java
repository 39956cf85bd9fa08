package io.runledger.query.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.Json;
import io.runledger.query.Recorded;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecentEventsTest {

    static TailEvent event(long position, int payload) {
        return new TailEvent(
                position % 3 == 0 ? "a" : "b",
                new LedgerEvent(
                        "id",
                        "run.noted",
                        1,
                        Recorded.id(1),
                        position,
                        position,
                        Recorded.START,
                        Recorded.START,
                        "me",
                        null,
                        null,
                        null,
                        new Json("\"" + "x".repeat(payload) + "\""),
                        ""));
    }

    @Test
    void whatever_comes_the_ring_gives_all_that_follows_or_says_that_it_cannot() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            int capacity = 1 + random.nextInt(20);
            long maxBytes = 5_000 + random.nextInt(60_000);
            RecentEvents recent = new RecentEvents(capacity, maxBytes);
            long position = random.nextInt(50);
            recent.restart(position);
            List<TailEvent> all = new ArrayList<>();
            for (int step = 0; step < 100; step++) {
                position += 1 + random.nextInt(3);
                TailEvent added = event(position, random.nextInt(4_000));
                all.add(added);
                recent.add(added);
                long after = position - random.nextInt(40);
                Found found = recent.after(after, event -> event.project().equals("a"));
                if (found != null) {
                    List<TailEvent> expected = all.stream()
                            .filter(event -> event.position() > after && event.position() <= found.searched())
                            .filter(event -> event.project().equals("a"))
                            .toList();
                    assertThat(found.events()).as("seed %d step %d", seed, step).isEqualTo(expected);
                    assertThat(found.all() ? position : found.searched()).isEqualTo(found.searched());
                } else {
                    assertThat(after).isLessThan(position);
                }
            }
        }
    }

    @Test
    void an_event_larger_than_the_ring_is_left_to_the_database() {
        RecentEvents recent = new RecentEvents(10, 10_000);
        recent.add(event(1, 10));
        recent.add(event(2, 20_000));
        assertThat(recent.after(1, _ -> true)).isNull();
        assertThat(recent.after(2, _ -> true)).isEqualTo(new Found(List.of(), 2, true));
    }

    @Test
    void a_batch_is_small_but_never_empty_while_there_is_something() {
        RecentEvents recent = new RecentEvents(500, 10 << 20);
        for (int i = 1; i <= 300; i++) {
            recent.add(event(i, i == 150 ? 200_000 : 10));
        }
        List<Long> seen = new ArrayList<>();
        Found found = recent.after(0, _ -> true);
        while (!found.events().isEmpty()) {
            assertThat(found.events().size()).isLessThanOrEqualTo(Found.MOST);
            found.events().forEach(event -> seen.add(event.position()));
            found = recent.after(found.searched(), _ -> true);
        }
        assertThat(seen).hasSize(300).isSorted().doesNotHaveDuplicates();
    }
}

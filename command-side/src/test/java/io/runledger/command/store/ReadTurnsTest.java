package io.runledger.command.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.dao.QueryTimeoutException;

@Timeout(30)
class ReadTurnsTest {

    private final ReadTurns turns = new ReadTurns(2);
    private final AtomicInteger reading = new AtomicInteger();
    private final CompletableFuture<Supplier<String>> answer = new CompletableFuture<>();

    /** Two that read, and wait for the answer. */
    private CompletableFuture<String> twoReaders() {
        CompletableFuture<String> first = read(this::longRead);
        CompletableFuture<String> second = read(this::longRead);
        await().until(() -> reading.get() == 2);
        return first.thenCombine(second, String::concat);
    }

    private String longRead() {
        reading.incrementAndGet();
        return answer.join().get();
    }

    private CompletableFuture<String> read(Supplier<String> question) {
        CompletableFuture<String> read = new CompletableFuture<>();
        start(read, question);
        return read;
    }

    private Thread start(CompletableFuture<String> read, Supplier<String> question) {
        return Thread.ofVirtual().start(() -> {
            try {
                read.complete(turns.during(() -> ReadTurns.read(question)));
            } catch (RuntimeException e) {
                read.completeExceptionally(e);
            }
        });
    }

    @Test
    void one_too_many_waits_for_its_turn_and_who_takes_no_turns_does_not() {
        CompletableFuture<String> two = twoReaders();
        CompletableFuture<String> third = new CompletableFuture<>();
        CountDownLatch asked = new CountDownLatch(1);
        Thread waiting = start(third, () -> {
            asked.countDown();
            return "third";
        });
        await().until(() -> waiting.getState() == Thread.State.WAITING);
        assertThat(asked.getCount()).as("it has not read").isOne();
        assertThat(ReadTurns.read(() -> "at once")).isEqualTo("at once");

        answer.complete(() -> "read ");
        assertThat(two.join()).isEqualTo("read read ");
        assertThat(third.join()).isEqualTo("third");
    }

    @Test
    void when_the_database_is_away_all_that_wait_hear_of_it_and_the_next_one_asks_again() {
        CompletableFuture<String> two = twoReaders();
        CompletableFuture<String> third = new CompletableFuture<>();
        Thread waiting = start(third, () -> "asked");
        await().until(() -> waiting.getState() == Thread.State.WAITING);

        QueryTimeoutException away = new QueryTimeoutException("no connection");
        answer.complete(() -> {
            throw away;
        });
        assertThatThrownBy(third::join).isInstanceOf(CompletionException.class).hasCause(away);
        assertThatThrownBy(two::join).hasCause(away);
        assertThat(read(() -> "asked").join()).isEqualTo("asked");
    }
}

package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.server.story.LedgerClient.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The server is killed while a large batch comes in: there is no run or one that nobody can start; sent again, it is whole. */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class BatchCrashIT {

    private static final int INPUTS = Figures.isThorough() ? 100_000 : 10_000;
    private static final String FILLING = "x".repeat(490);

    private final LedgerProcess ledger = LedgerProcess.named("batch-crash");
    private final LedgerClient client = new LedgerClient(ledger);
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** How many inputs of the batch were handed to the connection. */
    private volatile int sent;

    @Test
    void a_batch_is_whole_or_not_there() throws Exception {
        int rounds = Figures.isThorough() ? 5 : 1;
        int half = 0;
        try (ledger) {
            ledger.start();
            for (int round = 0; round < rounds; round++) {
                String key = "batch-" + round;
                dieWhileItIsRead(key);
                assertThat(client.get("/v1/runs/key:" + key).status())
                        .as("nothing was written")
                        .isEqualTo(404);

                half += dieWhileItIsWritten(key) ? 1 : 0;
                Answer whole = send(key, new CountDownLatch(0)).get();
                assertThat(whole.status()).as("%s", whole.body()).isEqualTo(201);
                assertIsWhole(whole.id());
                Ledger.assertChainsHold(List.of(whole.id()), client);
            }
            Figures.print(
                    "a batch of %d inputs: the server killed %d times while it was read (nothing was there) and %d times"
                            + " while it was written (%d times a part was there, and could not start); sent again it was"
                            + " whole each time",
                    INPUTS, rounds, rounds, half);
        }
    }

    private void dieWhileItIsRead(String key) {
        CountDownLatch mayGoOn = new CountDownLatch(1);
        CompletableFuture<Answer> answer = send(key, mayGoOn);
        ledger.until(() -> sent == INPUTS / 2, Duration.ofMinutes(1), "half through the body");
        ledger.kill9();
        mayGoOn.countDown();
        assertThat(answer).failsWithin(Duration.ofMinutes(1));
        ledger.start();
    }

    /** Whether it was half done then. */
    private boolean dieWhileItIsWritten(String key) throws IOException {
        CompletableFuture<Answer> answer = send(key, new CountDownLatch(0));
        ledger.until(isThere(key), Duration.ofMinutes(1), "writing");
        ledger.kill9();
        assertThat(answer.handle((given, failure) -> failure != null || given.status() == 201))
                .succeedsWithin(Duration.ofMinutes(1));
        ledger.start();
        Answer left = client.get("/v1/runs/key:" + key);
        assertThat(left.status()).as("%s", left.body()).isEqualTo(200);
        boolean isHalfDone = left.body().get("status").asString().equals("created");
        if (isHalfDone) {
            assertThat(left.body().at("/items/total").asInt()).isLessThan(INPUTS);
            assertThat(client.post("/v1/runs/" + left.id() + "/start", LedgerClient.object())
                            .code())
                    .isEqualTo("invalid_transition");
        } else {
            assertIsWhole(left.id());
        }
        return isHalfDone;
    }

    private BooleanSupplier isThere(String key) {
        return () -> {
            try {
                return client.get("/v1/runs/key:" + key).status() == 200;
            } catch (IOException e) {
                return false;
            }
        };
    }

    /** Sends the batch; half through it waits until it may go on. */
    private CompletableFuture<Answer> send(String key, CountDownLatch mayGoOn) {
        sent = 0;
        HttpRequest request = HttpRequest.newBuilder(ledger.uri().resolve("/v1/runs"))
                .header("x-api-key", LedgerProcess.KEY)
                .header("Content-Type", "application/json")
                .timeout(Duration.ofMinutes(3))
                .POST(BodyPublishers.ofInputStream(() -> body(key, mayGoOn)))
                .build();
        return http.sendAsync(request, BodyHandlers.ofString()).thenApply(BatchCrashIT::answer);
    }

    private static Answer answer(HttpResponse<String> response) {
        return new Answer(response.statusCode(), response.headers(), LedgerClient.JSON.readTree(response.body()));
    }

    private InputStream body(String key, CountDownLatch mayGoOn) {
        Iterator<InputStream> inputs = IntStream.range(0, INPUTS)
                .mapToObj(index -> {
                    if (index == INPUTS / 2) {
                        await(mayGoOn);
                    }
                    sent = index + 1;
                    return bytes((index == 0 ? "" : ",") + "\"" + input(index) + "\"");
                })
                .iterator();
        String head = "{\"target\": \"task:t\", \"key\": \"" + key + "\", \"command_id\": \"once\", \"inputs\": [";
        return new SequenceInputStream(Collections.enumeration(
                List.of(bytes(head), new SequenceInputStream(new Remaining(inputs)), bytes("]}"))));
    }

    private record Remaining(Iterator<InputStream> streams) implements Enumeration<InputStream> {

        @Override
        public boolean hasMoreElements() {
            return streams.hasNext();
        }

        @Override
        public InputStream nextElement() {
            return streams.next();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(2, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String input(int index) {
        return FILLING + index;
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private void assertIsWhole(String run) {
        JsonNode view = client.read("/v1/runs/" + run);
        assertThat(view.get("status").asString()).isEqualTo("queued");
        assertThat(view.at("/items/total").asInt()).isEqualTo(INPUTS);
        int index = 0;
        JsonNode page;
        String after = "";
        do {
            page = client.read("/v1/runs/" + run + "/items?limit=100" + after);
            for (JsonNode item : page.get("data")) {
                assertThat(item.get("index").asInt()).isEqualTo(index);
                assertThat(item.get("input").asString()).isEqualTo(input(index));
                index++;
            }
            after = "&after=" + page.get("next").asString("");
        } while (page.get("has_more").asBoolean());
        assertThat(index).isEqualTo(INPUTS);
    }
}

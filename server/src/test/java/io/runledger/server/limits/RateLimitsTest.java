package io.runledger.server.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.TimeMeter;
import io.runledger.api.Caller;
import io.runledger.server.http.ProblemWriter;
import io.runledger.server.limits.RateLimitSettings.Rates;
import io.runledger.server.limits.RateLimits.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import tools.jackson.databind.json.JsonMapper;

/** Who asks too much is refused what is too much, and nobody else is. Time is the test's own. */
class RateLimitsTest {

    private static final int PER_KEY = 100;
    private static final int PER_PROJECT = 150;
    private static final int SECONDS = 10;

    private final Time time = new Time();
    private final RateLimits limits =
            new RateLimits(new RateLimitSettings(new Rates(PER_KEY, 10, 1), new Rates(PER_PROJECT, 15, 2)), time);

    private static final class Time implements TimeMeter {

        private long nanos;

        void pass(long millis) {
            nanos += TimeUnit.MILLISECONDS.toNanos(millis);
        }

        @Override
        public long currentTimeNanos() {
            return nanos;
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    }

    private static Caller caller(String project, String key) {
        return new Caller(project, "key:" + key);
    }

    private boolean isLetIn(Caller caller, Traffic traffic) {
        return !limits.count(caller, traffic).isRefused();
    }

    @Test
    void a_greedy_key_gets_its_limit_and_nine_polite_ones_get_everything() {
        Map<String, Integer> letIn = new TreeMap<>();
        int politeAsked = 0;
        for (int milli = 0; milli < 1_000 * SECONDS; milli++) {
            time.pass(1);
            letIn.merge("greedy", isLetIn(caller("greedy", "greedy"), Traffic.READING) ? 1 : 0, Integer::sum);
            if (milli % 20 == 0) {
                politeAsked++;
                for (int i = 0; i < 9; i++) {
                    letIn.merge("polite", isLetIn(caller("p" + i, "k" + i), Traffic.READING) ? 1 : 0, Integer::sum);
                }
            }
        }
        // A second's worth at once, and then as much as comes back.
        assertThat(letIn.get("greedy")).isBetween(PER_KEY * SECONDS, PER_KEY * (SECONDS + 1));
        assertThat(letIn.get("polite")).isEqualTo(9 * politeAsked);
        System.out.printf(
                "rate limits: in %d s a greedy key asked %d times and got %d (limit %d/s), 9 polite ones %d of %d%n",
                SECONDS, 1_000 * SECONDS, letIn.get("greedy"), PER_KEY, letIn.get("polite"), 9 * politeAsked);
    }

    @Test
    void keys_of_one_project_share_its_limit_and_a_refusal_counts_for_nobody() {
        List<Verdict> verdicts = new ArrayList<>();
        for (int i = 0; i < PER_PROJECT; i++) {
            verdicts.add(limits.count(caller("p", i % 2 == 0 ? "a" : "b"), Traffic.READING));
        }
        assertThat(verdicts).noneMatch(Verdict::isRefused);
        Verdict refused = limits.count(caller("p", "a"), Traffic.READING);
        assertThat(refused.isRefused()).isTrue();
        assertThat(refused.policy()).isEqualTo("project-reading");
        assertThat(refused.quota()).isEqualTo(PER_PROJECT);
        for (int i = 0; i < 1_000; i++) {
            assertThat(isLetIn(caller("p", "a"), Traffic.READING)).isFalse();
        }
        // 75 of its 100 were used, and none by what was refused.
        time.pass(500);
        int letIn = 0;
        while (isLetIn(caller("p", "a"), Traffic.READING)) {
            letIn++;
        }
        assertThat(letIn).isEqualTo(PER_PROJECT / 2);
    }

    @Test
    void who_waits_as_long_as_told_is_let_in() {
        Caller caller = caller("p", "a");
        while (isLetIn(caller, Traffic.WRITING)) {
            time.pass(0);
        }
        Verdict refused = limits.count(caller, Traffic.WRITING);
        assertThat(refused.waitNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(1) / 10);
        time.pass(TimeUnit.NANOSECONDS.toMillis(refused.waitNanos()) - 1);
        assertThat(isLetIn(caller, Traffic.WRITING)).isFalse();
        time.pass(1);
        assertThat(isLetIn(caller, Traffic.WRITING)).isTrue();
    }

    @Test
    void reading_writing_and_streaming_are_counted_apart() {
        Caller caller = caller("p", "a");
        assertThat(isLetIn(caller, Traffic.STREAMING)).isTrue();
        assertThat(isLetIn(caller, Traffic.STREAMING)).isFalse();
        assertThat(isLetIn(caller, Traffic.WRITING)).isTrue();
        assertThat(isLetIn(caller, Traffic.READING)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/runs, , READING",
        "HEAD, /v1/runs, , READING",
        "POST, /v1/runs, , WRITING",
        "DELETE, /v1/keys/x, , WRITING",
        "PUT, /v1/definitions/a/b, , WRITING",
        "GET, /v1/events, text/event-stream, STREAMING",
        "GET, /v1/runs/x/logs, 'application/json, text/event-stream', STREAMING",
        "GET, /v1/export, , STREAMING",
        "POST, /v1/commands, , STREAMING"
    })
    void a_request_is_of_one_kind(String method, String path, String accept, Traffic kind) {
        MockHttpServletRequest request = new MockHttpServletRequest(method, path);
        if (accept != null) {
            request.addHeader("accept", accept);
        }
        assertThat(Traffic.of(request)).isEqualTo(kind);
    }

    @Test
    void what_is_too_much_is_refused_before_it_costs_anything() throws Exception {
        AtomicInteger carriedOut = new AtomicInteger();
        RateLimitFilter filter = new RateLimitFilter(
                limits, new ProblemWriter(JsonMapper.builder().build()));
        List<MockHttpServletResponse> answers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            MockHttpServletRequest request = new MockHttpServletRequest("POST", "/v1/runs");
            request.setAttribute(Caller.ATTRIBUTE, caller("p", "a"));
            MockHttpServletResponse answer = new MockHttpServletResponse();
            filter.doFilter(request, answer, (_, _) -> carriedOut.incrementAndGet());
            answers.add(answer);
        }
        assertThat(carriedOut).hasValue(10);
        for (int i = 0; i < 10; i++) {
            assertThat(answers.get(i).getHeader("RateLimit-Policy")).isEqualTo("\"key-writing\";q=10;w=1");
            assertThat(answers.get(i).getHeader("RateLimit")).isEqualTo("\"key-writing\";r=" + (9 - i) + ";t=1");
            assertThat(answers.get(i).getHeader("Retry-After")).isNull();
        }
        assertThat(answers.getLast().getStatus()).isEqualTo(429);
        assertThat(answers.getLast().getHeader("Retry-After")).isEqualTo("1");
        assertThat(answers.getLast().getContentType()).isEqualTo("application/problem+json");
        assertThat(answers.getLast().getContentAsString()).contains("\"code\":\"too_many_requests\"", "Retry-After");
    }

    @Test
    void a_count_costs_next_to_nothing() {
        Caller caller = caller("p", "a");
        int counts = 1_000_000;
        long begun = System.nanoTime();
        for (int i = 0; i < counts; i++) {
            assertThat(limits.count(caller, Traffic.READING)).isNotNull();
        }
        System.out.printf("rate limits: %d ns a request%n", (System.nanoTime() - begun) / counts);
    }
}

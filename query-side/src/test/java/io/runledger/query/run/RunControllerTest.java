package io.runledger.query.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import io.runledger.api.Caller;
import io.runledger.api.EventHash;
import io.runledger.api.Problem;
import io.runledger.api.RunEvent.RunQueued;
import io.runledger.query.Recorded;
import io.runledger.query.TestDatabase;
import io.runledger.query.http.Cursors;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.MethodParameter;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.ResultMatcher;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

class RunControllerTest {

    private final Cursors cursors = new Cursors(new byte[32]);
    private RunViewProcessor view;
    private MockMvc http;

    @BeforeEach
    void serve() {
        TestDatabase.clear();
        view = new RunViewProcessor().start();
        RunHistories histories = view.histories();
        RunMoments moments = new RunMoments(new LedgerTimes(TestDatabase.jdbc(), Clock.systemUTC()), view.position);
        RunController controller = new RunController(
                view.queries,
                new RunReferences(TestDatabase.reader()),
                new RunList(TestDatabase.reader(), cursors, new RunPast(TestDatabase.reader(), histories)),
                cursors,
                moments);
        JsonMapper mapper = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build();
        http = MockMvcBuilders.standaloneSetup(controller)
                .setCustomArgumentResolvers(new FixedCaller())
                .setMessageConverters(new JacksonJsonHttpMessageConverter(mapper))
                .build();
    }

    @AfterEach
    void stop() {
        view.close();
    }

    @Test
    void a_run_carries_its_version_and_position_and_is_not_sent_twice() throws Exception {
        view.append(Recorded.run(1).then(Recorded.created(1), new RunQueued()).events());
        String url = "/v1/runs/" + Recorded.id(1);
        http.perform(get(url))
                .andExpect(status().isOk())
                .andExpect(header().string("ETag", "\"1\""))
                .andExpect(header().string("Ledger-Position", "101"))
                .andExpect(contains("\"status\":\"queued\""))
                .andExpect(contains("\"created_by\":\"tester\""))
                .andExpect(lacks("\"position\""));
        http.perform(get("/v1/runs/" + Recorded.id(1).value())).andExpect(status().isOk());
        http.perform(get(url).header("If-None-Match", "\"0\", \"1\""))
                .andExpect(status().isNotModified())
                .andExpect(header().string("ETag", "\"1\""));
        http.perform(get(url).header("If-None-Match", "\"0\"")).andExpect(status().isOk());
    }

    @Test
    void a_run_is_shown_as_it_was() throws Exception {
        view.append(Recorded.run(1).then(Recorded.created(1), new RunQueued()).events());
        String url = "/v1/runs/" + Recorded.id(1);
        http.perform(get(url).param("as_of", "0"))
                .andExpect(header().string("ETag", "\"0\""))
                .andExpect(contains("\"status\":\"created\""));
        http.perform(get(url).param("as_of", "1")).andExpect(contains("\"status\":\"queued\""));
        assertProblem(get(url).param("as_of", "2"), 400);
    }

    @Test
    void a_list_links_to_the_pages_beside_it() throws Exception {
        for (int i = 0; i < 5; i++) {
            view.awaitPosition(view.append(Recorded.run(i)
                    .then(Recorded.created(i, "a+b &c", null, Map.of("t", "ä+")))
                    .events()));
        }
        String link = http.perform(get(URI.create("/v1/runs?limit=2&name=a%2Bb%20%26c&label.t=%C3%A4%2B")))
                .andExpect(status().isOk())
                .andExpect(contains("\"has_more\":true"))
                .andExpect(contains("\"previous\":null"))
                .andExpect(lacks("\"total\""))
                .andReturn()
                .getResponse()
                .getHeader("Link");
        assertThat(link).startsWith("</v1/runs?").endsWith(">; rel=\"next\"");
        String next = http.perform(get(URI.create(link.substring(1, link.indexOf('>')))))
                .andExpect(status().isOk())
                .andExpect(contains(Recorded.id(2).toString()))
                .andReturn()
                .getResponse()
                .getHeader("Link");
        assertThat(next).contains("rel=\"next\"").contains("rel=\"prev\"");
    }

    @Test
    void a_list_waits_for_its_view() throws Exception {
        long last = view.append(Recorded.run(1).then(Recorded.created(1)).events());
        http.perform(get("/v1/runs").header("Ledger-Position", last))
                .andExpect(status().isOk())
                .andExpect(contains(Recorded.id(1).toString()));
        assertProblem(get("/v1/runs").header("Ledger-Position", "soon"), 400);
    }

    @Test
    void what_is_not_understood_is_refused() throws Exception {
        assertProblem(get("/v1/runs/xyz"), 400);
        assertProblem(get("/v1/runs/" + Recorded.id(7)), 404);
        assertProblem(get("/v1/runs/key:none"), 404);
        assertProblem(get(URI.create("/v1/runs/key:%00")), 404);
        assertProblem(get("/v1/runs/" + Recorded.id(7)).param("x", "1"), 400);
        assertProblem(get("/v1/runs").param("x", "1"), 400);
        assertProblem(get("/v1/runs").param("as_of", "9000-01-01T00:00:00Z"), 400);
        assertProblem(get("/v1/runs").param("as_of", "position:7"), 400);
        assertProblem(get("/v1/runs").param("as_of", "7"), 400);
        assertProblem(get("/v1/runs/" + Recorded.id(7)).param("as_of", "0"), 404);
        assertProblem(get("/v1/runs/" + Recorded.id(7)).param("as_of", "-1"), 400);
        assertProblem(get("/v1/runs").header("Ledger-Position", EventHash.time(Instant.EPOCH)), 400);
    }

    private static ResultMatcher contains(String text) {
        return result -> assertThat(result.getResponse().getContentAsString()).contains(text);
    }

    private static ResultMatcher lacks(String text) {
        return result -> assertThat(result.getResponse().getContentAsString()).doesNotContain(text);
    }

    private void assertProblem(
            org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder request, int status)
            throws Exception {
        try {
            http.perform(request);
            throw new AssertionError("not refused");
        } catch (jakarta.servlet.ServletException e) {
            assertThat(e.getCause()).isInstanceOf(Problem.class);
            assertThat(((Problem) e.getCause()).code().status()).isEqualTo(status);
        }
    }

    /** Stands for the server's resolver, which knows keys. */
    private static final class FixedCaller implements HandlerMethodArgumentResolver {

        @Override
        public boolean supportsParameter(MethodParameter parameter) {
            return List.of(Caller.class).contains(parameter.getParameterType());
        }

        @Override
        public Object resolveArgument(
                MethodParameter parameter,
                ModelAndViewContainer container,
                NativeWebRequest request,
                WebDataBinderFactory binderFactory) {
            return new Caller("default", "tester");
        }
    }
}

package io.runledger.query.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.util.LinkedMultiValueMap;

/** A link repeats the request as it was made, with another cursor. */
class PageLinksTest {

    @Test
    void what_is_encoded_in_the_path_is_not_encoded_again() {
        String link = PageLinks.of("/v1/runs/key:50%25/events", new LinkedMultiValueMap<>(), "7", null);
        assertThat(link).isEqualTo("</v1/runs/key:50%25/events?after=7>; rel=\"next\"");
    }

    @Test
    void values_keep_their_meaning_and_old_cursors_go() {
        Map<String, List<String>> asked = Map.of("name", List.of("a+b & c=d%"), "before", List.of("old"));
        String link = PageLinks.of("/v1/runs", new LinkedMultiValueMap<>(asked), null, "x y");
        assertThat(link).isEqualTo("</v1/runs?name=a%2Bb%20%26%20c%3Dd%25&before=x%20y>; rel=\"prev\"");
    }
}

package io.runledger.query.http;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;

/** A page of a list as the API shows it. */
public record Page<T>(
        List<T> data,

        @Schema(description = "Whether there are others after this page; large ones make a page shorter")
        boolean hasMore,

        @Schema(description = "Cursor of the page after this one, for the parameter after") @Nullable
        String next,

        @Schema(description = "Cursor of the page before this one, for the parameter before") @Nullable
        String previous) {

    /** The answer to a request for this page, with links to those beside it. */
    public ResponseEntity<Page<T>> answer(String path, MultiValueMap<String, String> parameters) {
        String links = PageLinks.of(path, parameters, next, previous);
        ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
        return (links.isEmpty() ? answer : answer.header(HttpHeaders.LINK, links)).body(this);
    }
}

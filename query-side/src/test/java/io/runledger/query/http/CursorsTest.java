package io.runledger.query.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CursorsTest {

    private final Cursors cursors = new Cursors(new byte[32]);

    @Test
    void a_cursor_is_read_back() {
        for (String place :
                new String[] {"", "a", "01ARZ3NDEKTSV4RRFFQ69G5FAV=2026-01-01T00:00:00Z", "ä\uD83D\uDE00"}) {
            assertThat(cursors.read("query", cursors.print("query", place))).isEqualTo(place);
        }
    }

    @Test
    void a_cursor_with_any_other_character_is_refused() {
        String cursor = cursors.print("query", "01ARZ3NDEKTSV4RRFFQ69G5FAV");
        for (int i = 0; i < cursor.length(); i++) {
            for (char other : "Aa0_-b=+/ \0é".toCharArray()) {
                String changed = cursor.substring(0, i) + other + cursor.substring(i + 1);
                if (!changed.equals(cursor)) {
                    assertThat(cursors.read("query", changed)).as(changed).isNull();
                }
            }
            assertThat(cursors.read("query", cursor.substring(0, i))).isNull();
        }
        assertThat(cursors.read("query", cursor + "A")).isNull();
        assertThat(cursors.read("query", cursor + "=")).isNull();
    }

    @Test
    void a_cursor_fits_its_own_query_and_secret_only() {
        String cursor = cursors.print("query", "place");
        assertThat(cursors.read("other", cursor)).isNull();
        byte[] secret = new byte[32];
        secret[31] = 1;
        assertThat(new Cursors(secret).read("query", cursor)).isNull();
    }

    /** Row N2 of the reliability plan. */
    @Test
    void of_ten_thousand_changed_cursors_none_is_read() {
        Random random = new Random(Long.getLong("runledger.seed", 20260722));
        for (int i = 0; i < 10_000; i++) {
            String cursor = cursors.print("query", "01ARZ3NDEKTSV4RRFFQ69G5FAV=" + random.nextLong());
            byte[] bytes = Base64.getUrlDecoder().decode(cursor);
            for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            String changed = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
            if (!changed.equals(cursor)) {
                assertThat(cursors.read("query", changed)).as(changed).isNull();
            }
        }
    }
}

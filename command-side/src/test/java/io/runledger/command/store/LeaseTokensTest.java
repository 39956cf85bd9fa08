package io.runledger.command.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.api.RunId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeaseTokensTest {

    private static final RunId RUN = RunId.of("01KGA0C8G0000000000000000A");
    private static final String CHARACTERS =
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.= \u0000é";

    private final LeaseTokens tokens = new LeaseTokens(new byte[32]);

    @Test
    void a_token_is_read_back_to_its_number() {
        for (long lease : new long[] {0, 2, 10, 1_000_000, Long.MAX_VALUE}) {
            assertThat(tokens.read(RUN, tokens.print(RUN, lease))).isEqualTo(lease);
        }
    }

    @Test
    void no_lease_is_no_token_both_ways() {
        assertThat(tokens.print(RUN, null)).isNull();
        assertThat(tokens.read(RUN, null)).isNull();
    }

    @Test
    void every_changed_character_makes_it_forged() {
        String token = tokens.print(RUN, 12L);
        for (int i = 0; i < token.length(); i++) {
            for (char c : CHARACTERS.toCharArray()) {
                if (c != token.charAt(i)) {
                    String changed = token.substring(0, i) + c + token.substring(i + 1);
                    assertThat(tokens.read(RUN, changed)).as(changed).isEqualTo(LeaseTokens.FORGED);
                }
            }
        }
    }

    @Test
    void every_cut_and_every_addition_makes_it_forged() {
        String token = tokens.print(RUN, 12L);
        for (int i = 0; i < token.length(); i++) {
            assertThat(tokens.read(RUN, token.substring(0, i))).isEqualTo(LeaseTokens.FORGED);
            assertThat(tokens.read(RUN, token.substring(i + 1))).isEqualTo(LeaseTokens.FORGED);
        }
        assertThat(tokens.read(RUN, token + "A")).isEqualTo(LeaseTokens.FORGED);
        assertThat(tokens.read(RUN, token + "=")).isEqualTo(LeaseTokens.FORGED);
    }

    @Test
    void a_token_of_another_run_or_another_secret_is_forged() {
        String token = tokens.print(RUN, 12L);
        byte[] otherSecret = new byte[32];
        otherSecret[31] = 1;

        assertThat(tokens.read(RunId.of("01KGA0C8G0000000000000000B"), token)).isEqualTo(LeaseTokens.FORGED);
        assertThat(new LeaseTokens(otherSecret).read(RUN, token)).isEqualTo(LeaseTokens.FORGED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "1",
                "1.",
                ".x",
                "-1.x",
                "+1.x",
                "1e3.x",
                "99999999999999999999.x",
                "9999999999999999999.x",
                "\u0661.x",
                "null",
                "12.AAAAAAAAAAAAAAAAAAAAAA"
            })
    void a_made_up_token_is_forged(String token) {
        assertThat(tokens.read(RUN, token)).isEqualTo(LeaseTokens.FORGED);
    }
}

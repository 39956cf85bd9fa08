package io.runledger.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FieldErrorTest {

    @Test
    void a_name_is_part_of_a_pointer_as_rfc_6901_has_it() {
        assertThat(FieldError.escape("max_attempts")).isEqualTo("max_attempts");
        assertThat(FieldError.escape("a/b~c/~1")).isEqualTo("a~1b~0c~1~01");
        assertThat(FieldError.escape("")).isEmpty();
    }

    @Test
    void half_of_a_pair_is_replaced_and_a_whole_one_stays() {
        assertThat(FieldError.escape("x\uD83D\uDE00")).isEqualTo("x\uD83D\uDE00");
        assertThat(FieldError.escape("\uD83Dx/\uDE00")).isEqualTo("\uFFFDx~1\uFFFD");
    }
}

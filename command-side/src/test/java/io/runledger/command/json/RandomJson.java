package io.runledger.command.json;

import java.util.Random;

/** Random JSON documents from a seed: in compact form, and the same with white space and needless escapes. */
final class RandomJson {

    private static final String[] NUMBERS = {
        "0",
        "-0",
        "-0.0",
        "1",
        "-1",
        "1.10",
        "1e400",
        "-1E-400",
        "1e+5",
        "18446744073709551616",
        "0.1000",
        "3.14159265358979323846264338327950288419716939937510",
        "123456789012345678901234567890.123456789",
        "0e0"
    };
    private static final String[] PIECES = {
        "a",
        "é",
        "🏠",
        "\\\"",
        "\\\\",
        "\\n",
        "\\r",
        "\\t",
        "\\u0000",
        "\\u001f",
        "\\ud800",
        "x\\udc00",
        "/",
        " ",
        "\u2028",
        "\u007f",
        "\uFEFF"
    };
    private static final String[] SPACES = {"", "", " ", "\n", "\t", "\r\n  "};

    private final Random random;
    private final StringBuilder compact = new StringBuilder();
    private final StringBuilder loose = new StringBuilder();

    RandomJson(long seed) {
        this.random = new Random(seed);
        space();
        value(0);
        space();
    }

    /** Without white space and with every character as short as JSON allows. */
    String compact() {
        return compact.toString();
    }

    /** The same value, written otherwise. */
    String loose() {
        return loose.toString();
    }

    private void value(int depth) {
        switch (random.nextInt(depth > 6 ? 4 : 8)) {
            case 0 -> both(new String[] {"true", "false", "null"}[random.nextInt(3)]);
            case 1, 2 -> both(NUMBERS[random.nextInt(NUMBERS.length)]);
            case 3 -> string();
            case 4, 5 -> object(depth);
            default -> array(depth);
        }
    }

    private void object(int depth) {
        both("{");
        space();
        for (int i = random.nextInt(5); i > 0; i--) {
            string();
            space();
            both(":");
            space();
            value(depth + 1);
            space();
            if (i > 1) {
                both(",");
                space();
            }
        }
        both("}");
    }

    private void array(int depth) {
        both("[");
        space();
        for (int i = random.nextInt(5); i > 0; i--) {
            value(depth + 1);
            space();
            if (i > 1) {
                both(",");
                space();
            }
        }
        both("]");
    }

    private void string() {
        both("\"");
        for (int i = random.nextInt(6); i > 0; i--) {
            String piece = PIECES[random.nextInt(PIECES.length)];
            compact.append(piece);
            loose.append(piece.equals("/") ? "\\/" : piece.equals("a") && random.nextBoolean() ? "\\u0061" : piece);
        }
        both("\"");
    }

    private void space() {
        loose.append(SPACES[random.nextInt(SPACES.length)]);
    }

    private void both(String text) {
        compact.append(text);
        loose.append(text);
    }
}

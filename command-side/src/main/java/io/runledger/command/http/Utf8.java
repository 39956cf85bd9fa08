package io.runledger.command.http;

import io.runledger.api.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Decodes request bytes without forgiving: a byte that is not UTF-8 is an error, never a question mark. */
final class Utf8 {

    private Utf8() {}

    static String decode(byte[] bytes, int length) {
        // The constructor is many times faster than a decoder; it puts a U+FFFD where bytes are wrong.
        String text = new String(bytes, 0, length, StandardCharsets.UTF_8);
        if (text.indexOf('\uFFFD') < 0) {
            return text;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Problem.badRequest("", "not valid UTF-8");
        }
    }
}

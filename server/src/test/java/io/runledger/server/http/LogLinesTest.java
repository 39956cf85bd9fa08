package io.runledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Nobody writes a line of the log but the ledger. */
@RunningLedger
@ExtendWith(OutputCaptureExtension.class)
class LogLinesTest {

    private static final Logger LOG = LoggerFactory.getLogger(LogLinesTest.class);

    @Test
    void what_is_logged_is_one_line_whatever_it_says(CapturedOutput output) {
        LOG.warn("begun {}", "one\r\ntwo\nthree\u2028four\u0085five\u001b[31msix\u0000seven");
        Exception failure = new IllegalStateException("said\nforged", new IllegalArgumentException("deeper\r\nforged"));
        failure.addSuppressed(new IllegalArgumentException("beside\nforged"));
        LOG.warn("failed", failure);
        List<String> lines = output.getAll().lines().toList();
        assertThat(lines).anyMatch(line -> line.endsWith(": begun one two three four five [31msix seven"));
        assertThat(lines)
                .contains(" java.lang.IllegalStateException: said forged")
                .contains("Caused by: java.lang.IllegalArgumentException: deeper forged")
                .contains("\tSuppressed: java.lang.IllegalArgumentException: beside forged")
                .anyMatch(line -> line.startsWith("\t\tat " + LogLinesTest.class.getName()))
                .anyMatch(line -> line.startsWith("\tat " + LogLinesTest.class.getName()))
                .noneMatch(line -> line.startsWith("forged"));
    }
}

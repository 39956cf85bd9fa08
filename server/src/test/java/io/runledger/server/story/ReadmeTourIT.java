package io.runledger.server.story;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The README's tour is run as it stands there, word by word. */
class ReadmeTourIT {

    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern TOUR = Pattern.compile("<!-- tour -->\\s*```sh\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern IMPORT = Pattern.compile("```sh\\n(java examples/.*?)```", Pattern.DOTALL);

    private static LedgerProcess ledger;

    @BeforeAll
    static void start() {
        ledger = LedgerProcess.named("tour").start();
    }

    @AfterAll
    static void stop() {
        ledger.close();
    }

    @Test
    void the_tour_of_the_readme_works_word_by_word() throws Exception {
        String printed = run(block(TOUR));

        assertThat(printed)
                .contains("\"status\":\"queued\"", "\"status\":\"running\"", "\"status\":\"succeeded\"")
                .contains("\"total\":1", "\"type\":\"run.succeeded\"", "\"valid\":true");

        String proved = run(checkpointCommands());
        assertThat(proved)
                .contains("\"contained\":true", "runs of project default", "all of it is there", "all as it was");
    }

    @Test
    void the_import_of_the_readme_works_word_by_word() throws Exception {
        run(block(IMPORT).strip() + " --url " + ledger.uri());

        String listed = run("curl -sS -H \"x-api-key: $KEY\" \"$LEDGER/v1/runs?target=process:receipt&count=true\"");
        assertThat(listed).containsPattern("\"total\":[1-9]");
    }

    /** All of docs/checkpoints.md but the one for a database, with the jar that was just packaged. */
    private static String checkpointCommands() throws IOException {
        Path jar = LedgerProcess.PACKAGED.toAbsolutePath();
        StringBuilder script = new StringBuilder("cd $(mktemp -d)\n");
        Matcher blocks = Pattern.compile("```sh\\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(REPOSITORY.resolve("docs/checkpoints.md")));
        while (blocks.find()) {
            if (!blocks.group(1).contains("--database")) {
                script.append(blocks.group(1).replace("runledger.jar", jar.toString()));
            }
        }
        return script.toString();
    }

    private static String block(Pattern pattern) throws IOException {
        Matcher block = pattern.matcher(Files.readString(REPOSITORY.resolve("README.md")));
        assertThat(block.find()).as("the README has the block").isTrue();
        return block.group(1);
    }

    private static String run(String script) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-eu", "-c", script)
                .directory(REPOSITORY.toFile())
                .redirectErrorStream(true);
        builder.environment().put("LEDGER", ledger.uri().toString());
        builder.environment().put("KEY", LedgerProcess.KEY);
        builder.environment().put("RUNLEDGER_API_KEY", LedgerProcess.KEY);
        String java = Path.of(System.getProperty("java.home"), "bin").toString();
        builder.environment().merge("PATH", java, (path, first) -> first + ":" + path);
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(printed).isZero();
        return printed;
    }
}

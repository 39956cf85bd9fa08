package io.runledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The habits of CONTRIBUTING.md, as far as a machine can see them. */
class TidyTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final int MOST_LINES = 300;
    private static final int MOST_LINES_OF_A_METHOD = 60;
    private static final Set<String> NOT_OURS = Set.of("target", ".git", "data", "node_modules", ".idea");

    /** Words that say nothing; as whole words of a class's name. */
    private static final Pattern BANNED =
            Pattern.compile("(Utils?|Manager|Helper|Impl|Common|Data|Info)(?=[A-Z]|$)|^(Base|Abstract)(?=[A-Z])");

    private static final Pattern TYPE = Pattern.compile(
            "(?m)^(?:(?:public|abstract|final|sealed|non-sealed) )*(?:class|record|enum|interface|@interface) (\\w+)");
    private static final Pattern METHOD =
            Pattern.compile("^ {4}(?![ @/*}])(?!.*\\b(class|record|enum|interface)\\b).*[({]$");

    private static final Map<Path, String> FILES = read();
    private static final Map<Path, String> MAIN = java("src/main/java");
    private static final Map<Path, String> ALL_JAVA = java("src/");

    private static Map<Path, String> read() {
        try (Stream<Path> paths = Files.walk(ROOT)) {
            Map<Path, String> files = new TreeMap<>();
            paths.filter(Files::isRegularFile)
                    .map(ROOT::relativize)
                    .filter(TidyTest::isOurs)
                    .forEach(path -> {
                        String text = text(path);
                        if (text != null) {
                            files.put(path, text);
                        }
                    });
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOurs(Path path) {
        for (Path part : path) {
            if (NOT_OURS.contains(part.toString())) {
                return false;
            }
        }
        return true;
    }

    private static String text(Path path) {
        try {
            return Files.readString(ROOT.resolve(path));
        } catch (MalformedInputException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<Path, String> java(String place) {
        Map<Path, String> files = new TreeMap<>();
        FILES.forEach((path, text) -> {
            if (path.toString().endsWith(".java") && path.toString().contains(place)) {
                files.put(path, text);
            }
        });
        return files;
    }

    private static List<String> found(Map<Path, String> files, String pattern) {
        List<String> found = new ArrayList<>();
        Pattern compiled = Pattern.compile(pattern);
        files.forEach((path, text) -> {
            if (!path.endsWith("TidyTest.java")) {
                Matcher matcher = compiled.matcher(text);
                while (matcher.find()) {
                    found.add(path + ": " + matcher.group());
                }
            }
        });
        return found;
    }

    @Test
    void the_whole_repository_is_looked_at() {
        assertThat(MAIN).hasSizeGreaterThan(100);
        assertThat(ALL_JAVA.size()).isGreaterThan(MAIN.size());
        assertThat(FILES).containsKey(Path.of("pom.xml"));
    }

    @Test
    void names_say_something() {
        assertThat(List.of("Utils", "RunHelper", "BaseRun", "StoreImpl", "RunInfo", "DataThing", "ConnectionManager"))
                .allMatch(name -> BANNED.matcher(name).find());
        assertThat(List.of("Database", "Information", "RunData2Base", "Implied", "DataDirectory2"))
                .filteredOn(name -> BANNED.matcher(name).find())
                .isSubsetOf("RunData2Base", "DataDirectory2");
        List<String> banned = new ArrayList<>();
        ALL_JAVA.forEach((path, text) -> {
            Matcher type = TYPE.matcher(text);
            while (type.find()) {
                // "Data directory" and "data source" are PostgreSQL's and JDBC's own words.
                String name = type.group(1).replaceAll("Data(Directory|Source)", "");
                if (BANNED.matcher(name).find()) {
                    banned.add(path + ": " + type.group(1));
                }
            }
        });
        assertThat(banned).isEmpty();
    }

    @Test
    void nobody_sleeps_prints_or_leaves_tests_out() {
        assertThat(found(ALL_JAVA, "Thread\\.sleep|TimeUnit\\.\\w+\\.sleep|@Disabled"))
                .isEmpty();
        // Benchmarks are there to print.
        assertThat(found(MAIN, "System\\.(out|err)|printStackTrace").stream()
                        .filter(place -> !place.contains("SecurityConfiguration")
                                && !place.contains("server/Runledger.java")
                                && !place.contains("Benchmarks.java")))
                .isEmpty();
        assertThat(found(MAIN, "System\\.out").stream().filter(place -> !place.startsWith("benchmarks")))
                .as("where the first key is printed, and what verify found")
                .hasSize(2);
    }

    @Test
    void what_is_to_be_done_has_an_issue() {
        assertThat(found(FILES, "\\b(TODO|FIXME|XXX)\\b(?!.{0,3}#\\d+)")).isEmpty();
    }

    @Test
    void only_our_own_vocabulary_is_imported_as_a_whole() {
        assertThat(
                        found(
                                ALL_JAVA,
                                "import (?!io\\.runledger\\.api\\.Run(Command|Event)\\.\\*)(?!static io\\.runledger)[\\w. ]+\\.\\*;"))
                .isEmpty();
    }

    @Test
    void files_and_methods_stay_short() {
        List<String> tooLong = new ArrayList<>();
        MAIN.forEach((path, text) -> {
            List<String> lines = text.lines().toList();
            if (lines.size() > MOST_LINES) {
                tooLong.add(path + " has " + lines.size() + " lines");
            }
            methods(lines).forEach((name, length) -> {
                if (length > MOST_LINES_OF_A_METHOD) {
                    tooLong.add(path + ": " + name + " has " + length + " lines");
                }
            });
        });
        assertThat(tooLong).isEmpty();
        String sample =
                "class A {\n    int a(\n            int b) {\n        return b;\n    }\n\n    int c() {\n        return 1;\n    }\n}";
        assertThat(methods(sample.lines().toList()).values()).containsExactly(4, 3);
    }

    /** The lengths of the methods, told by how the formatter indents them. */
    private static Map<String, Integer> methods(List<String> lines) {
        Map<String, Integer> methods = new TreeMap<>();
        for (int start = 0; start < lines.size(); start++) {
            if (METHOD.matcher(lines.get(start)).matches()) {
                int end = start;
                boolean body = false;
                while (!lines.get(end).startsWith("    }")
                        && (body || !lines.get(end).endsWith(";"))) {
                    body |= lines.get(end).endsWith("{");
                    end++;
                }
                methods.put(lines.get(start).strip() + " (line " + (start + 1) + ")", end - start + 1);
                start = end;
            }
        }
        return methods;
    }

    @Test
    void every_type_says_what_it_is_for() {
        List<String> silent = new ArrayList<>();
        MAIN.forEach((path, text) -> {
            Matcher type = TYPE.matcher(text);
            while (type.find()) {
                String before = text.substring(0, type.start());
                if (!before.replaceAll("(?s)\\n@.*$", "\n").stripTrailing().endsWith("*/")) {
                    silent.add(path + ": " + type.group(1));
                }
            }
        });
        assertThat(silent.stream().filter(place -> !place.contains("package-info")))
                .isEmpty();
    }

    @Test
    void every_package_says_what_it_holds_and_is_null_marked() {
        List<String> bare = new ArrayList<>();
        MAIN.keySet().stream().map(Path::getParent).distinct().forEach(folder -> {
            String text = FILES.getOrDefault(folder.resolve("package-info.java"), "");
            if (!text.contains("@NullMarked") || !text.startsWith("/**")) {
                bare.add(folder.toString());
            }
        });
        // The package io.runledger itself holds nothing.
        assertThat(bare).isEmpty();
    }

    @Test
    void links_in_documents_lead_somewhere() {
        List<String> broken = new ArrayList<>();
        FILES.forEach((path, text) -> {
            Matcher link =
                    Pattern.compile("\\]\\((?!https?://|#|mailto:)([^)#\\s]+)").matcher(text);
            while (path.toString().endsWith(".md") && link.find()) {
                if (!Files.exists(
                        ROOT.resolve(path).resolveSibling(link.group(1)).normalize())) {
                    broken.add(path + ": " + link.group(1));
                }
            }
        });
        assertThat(broken).isEmpty();
    }

    @Test
    void nothing_is_tied_to_one_machine_or_registry() {
        assertThat(found(FILES, "(?<![\\w.])/(home|Users|work|tmp|root)/\\w[\\w.-]*/[\\w./-]+"))
                .isEmpty();
        assertThat(found(FILES, "https?://[\\w.-]*(artifactory|nexus|registry|repo1?\\.maven|jitpack|mirror)[\\w./-]*"))
                .isEmpty();
    }
}

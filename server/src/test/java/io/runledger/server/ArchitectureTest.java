package io.runledger.server;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.runledger.query.run.RunEvents;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The boundaries of ARCHITECTURE.md, and that none of these rules is empty or unable to fail. */
class ArchitectureTest {

    private static final JavaClasses LEDGER = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.runledger");

    /**
     * Who may look at the clock of the machine: the maker of ids, which Axon itself makes. The ledger's own clock is the
     * database's, so that no jump of a machine's clock ends or prolongs a lease.
     */
    private static final DescribedPredicate<JavaClass> THE_EDGE =
            describe("the edge of the system", type -> type.getName().endsWith(".UlidIdentifierFactory"));

    private static final Map<String, ArchRule> RULES = rules();

    private static Map<String, ArchRule> rules() {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        rules.put(
                "the query side never sees the command side",
                neverSees("query", "io.runledger.command..", "io.runledger.server.."));
        rules.put(
                "the command side never sees the query side",
                neverSees("command", "io.runledger.query..", "io.runledger.server.."));
        rules.put(
                "the query side sends no commands",
                neverSees("query", "org.axonframework.commandhandling..", "org.axonframework.modelling.."));
        rules.put(
                "the language of both sides is plain Java",
                classes()
                        .that()
                        .resideInAPackage("io.runledger.api..")
                        .should()
                        .onlyDependOnClassesThat(resideInAnyPackage(
                                "io.runledger.api..",
                                "java..",
                                "org.jspecify.annotations..",
                                "com.fasterxml.jackson.annotation..")));
        rules.put(
                "the rules of a run are pure",
                classes()
                        .that(areTheRules())
                        .should()
                        .onlyDependOnClassesThat(resideInAnyPackage(
                                        "io.runledger.api..",
                                        "io.runledger.command.run..",
                                        "io.runledger.command.workflow..",
                                        "java.lang..",
                                        "java.util..",
                                        "java.nio.charset..",
                                        "java.time..",
                                        "org.jspecify.annotations..",
                                        "com.google.errorprone.annotations..")
                                .and(describe("no clock", type -> !type.isEquivalentTo(Clock.class)))));
        rules.put(
                "the rules of a run are known inside the command side only",
                noClasses()
                        .that()
                        .resideOutsideOfPackage("io.runledger.command.run..")
                        .should()
                        .dependOnClassesThat(describe(
                                "are the decider or the state",
                                type -> type.getName().endsWith(".RunDecider")
                                        || type.getName().endsWith(".RunState"))));
        rules.put(
                "nobody asks the machine for the time",
                noClasses()
                        .that(DescribedPredicate.not(THE_EDGE))
                        .should()
                        .callMethod(Instant.class, "now")
                        .orShould()
                        .callMethod(Clock.class, "systemUTC")
                        .orShould()
                        .callMethod(Clock.class, "systemDefaultZone")
                        .orShould()
                        .callMethod(System.class, "currentTimeMillis"));
        rules.put(
                "nobody uses XStream",
                noClasses().should().dependOnClassesThat(resideInAPackage("com.thoughtworks..")));
        rules.put(
                "nobody uses java.util.logging",
                noClasses().should().dependOnClassesThat(resideInAPackage("java.util.logging..")));
        rules.put(
                "only the store and the readers of events know their table",
                noClasses()
                        .that(DescribedPredicate.not(mayKnowTheEvents()))
                        .should(beNamed("name ledger.event", "ledger.event")));
        rules.put(
                "what is answered to a caller is read through the views of the caller's project",
                noClasses()
                        .that(resideInAPackage("io.runledger.query..")
                                .and(DescribedPredicate.not(mayReadOfAllProjects())))
                        .should()
                        .dependOnClassesThat(describe(
                                "ask PostgreSQL",
                                type -> type.getSimpleName().contains("Jdbc")
                                        || type.getName().equals("javax.sql.DataSource")))
                        .orShould(beNamed("name a table of the ledger", "ledger.event"))
                        .orShould(beNamed("name a table of a view", "view.run")));
        rules.put(
                "only histories read a run's events from the event store, and the views",
                noClasses()
                        .that(resideInAPackage("io.runledger.query..")
                                .and(DescribedPredicate.not(resideInAPackage("io.runledger.query.projection..")))
                                .and(describe("not RunHistories", type -> !isNamed(type, "run.RunHistories"))))
                        .should()
                        .callMethod(EventStore.class, "readEvents", String.class, long.class)
                        .orShould()
                        .callMethod(EventStore.class, "readEvents", String.class)
                        .orShould()
                        .callMethod(RunEvents.class, "upTo", Collection.class, long.class));
        rules.put(
                "only the store writes events",
                noClasses()
                        .that()
                        .resideOutsideOfPackage("io.runledger.command.store..")
                        .should(beNamed("insert into ledger", "insert into ledger.event")));
        rules.put(
                "only the store and what keeps leases change the table of work",
                noClasses()
                        .that()
                        .resideOutsideOfPackages("io.runledger.command.store..", "io.runledger.command.work..")
                        .should(beNamed("change ledger.work", "update ledger.work"))
                        .andShould(beNamed("fill ledger.work", "insert into ledger.work")));
        for (String module : new String[] {"command", "query", "server"}) {
            rules.put(
                    "the packages of " + module + " form no cycle",
                    slices().matching("io.runledger." + module + ".(*)..")
                            .should()
                            .beFreeOfCycles());
        }
        return rules;
    }

    private static ArchRule neverSees(String module, String... packages) {
        return noClasses()
                .that()
                .resideInAPackage("io.runledger." + module + "..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(packages));
    }

    private static DescribedPredicate<JavaClass> areTheRules() {
        return describe(
                "are the rules of a run",
                type -> type.getName()
                        .matches(
                                "io\\.runledger\\.command\\.(run\\.(Run(Decider|State|Transition|Refused)|TaskDecider|planted\\..*)"
                                        + "|workflow\\..*)(\\$.*)?"));
    }

    private static DescribedPredicate<JavaClass> mayKnowTheEvents() {
        return resideInAnyPackage(
                        "io.runledger.command.store..",
                        "io.runledger.query.event..",
                        "io.runledger.query.item..",
                        "io.runledger.server.proof..")
                // These find a position by a time, which no view needs to have caught up for, or hold a view against
                // the events.
                .or(describe(
                        "LedgerTimes, Auditor and ProjectionMonitor of the query side",
                        type -> Set.of(
                                        "io.runledger.query.run.LedgerTimes",
                                        "io.runledger.query.projection.Auditor",
                                        "io.runledger.query.projection.ProjectionMonitor")
                                .contains(type.getName())));
    }

    /** Those that write views or look after them, follow the end of the ledger, or tell times: never a caller's rows. */
    private static DescribedPredicate<JavaClass> mayReadOfAllProjects() {
        return resideInAnyPackage("io.runledger.query.project..", "io.runledger.query.projection..")
                .or(describe(
                        "writers of views, EventHead and LedgerTimes, and what puts them together",
                        type -> type.getSimpleName().endsWith("Configuration")
                                || Set.of(
                                                "event.EventHead",
                                                "item.ItemProjection",
                                                "run.LedgerTimes",
                                                "run.RunCopy",
                                                "run.RunGenerations",
                                                "run.RunTable")
                                        .stream()
                                        .anyMatch(name -> isNamed(type, name))));
    }

    private static boolean isNamed(JavaClass type, String name) {
        String full = "io.runledger.query." + name;
        return type.getName().equals(full) || type.getName().startsWith(full + "$");
    }

    /** Constant texts are not in ArchUnit's picture of a class, but they are in its file. */
    private static com.tngtech.archunit.lang.ArchCondition<JavaClass> beNamed(String what, String text) {
        return new com.tngtech.archunit.lang.ArchCondition<>(what) {
            @Override
            public void check(JavaClass type, com.tngtech.archunit.lang.ConditionEvents events) {
                boolean found = bytesOf(type).contains(text);
                events.add(new com.tngtech.archunit.lang.SimpleConditionEvent(
                        type, found, type.getName() + " names " + text));
            }
        };
    }

    private static String bytesOf(JavaClass type) {
        try (InputStream in = type.getSource().orElseThrow().getUri().toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @TestFactory
    Stream<DynamicTest> every_boundary_holds() {
        return RULES.entrySet().stream()
                .map(rule -> dynamicTest(rule.getKey(), () -> rule.getValue().check(LEDGER)));
    }

    @Test
    void the_rules_look_at_the_whole_ledger() {
        for (String module : new String[] {"api", "command", "query", "server"}) {
            assertThat(LEDGER.stream().filter(type -> type.getPackageName().startsWith("io.runledger." + module)))
                    .as(module)
                    .hasSizeGreaterThan(20);
        }
        assertThat(LEDGER.stream().filter(areTheRules())).hasSizeGreaterThanOrEqualTo(4);
        assertThat(LEDGER.stream().filter(THE_EDGE)).hasSize(1);
        assertThat(LEDGER.stream().filter(type -> bytesOf(type).contains("of_project.run")))
                .isNotEmpty();
        assertThat(LEDGER.stream().filter(type -> bytesOf(type).contains("ledger.event")))
                .isNotEmpty();
        assertThat(LEDGER.stream().filter(type -> bytesOf(type).contains("insert into ledger.event")))
                .isNotEmpty();
    }

    @Test
    void a_rule_that_matches_nothing_fails() {
        assertThatThrownBy(() -> neverSees("nowhere", "java..").check(LEDGER)).isInstanceOf(AssertionError.class);
    }

    @Test
    void a_class_that_breaks_a_boundary_is_found() {
        JavaClasses planted = new ClassFileImporter().importClasses(Planted.class);
        for (ArchRule rule : new ArchRule[] {
            classes()
                    .that(describe("planted", _ -> true))
                    .should()
                    .onlyDependOnClassesThat(resideInAnyPackage("io.runledger.api..", "java.lang..")),
            noClasses().should().callMethod(Instant.class, "now"),
            noClasses().should().dependOnClassesThat(resideInAPackage("java.util.logging..")),
            noClasses().should(beNamed("name ledger.event", "ledger.event"))
        }) {
            assertThatThrownBy(() -> rule.check(planted))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("Planted");
        }
    }

    /** Does what nobody may. */
    private static final class Planted {

        static final java.util.logging.Logger LOGGER = java.util.logging.Logger.getLogger("select * from ledger.event");

        static Instant now() {
            return Instant.now();
        }
    }
}

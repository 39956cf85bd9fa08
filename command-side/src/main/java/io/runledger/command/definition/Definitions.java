package io.runledger.command.definition;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.runledger.api.Definition;
import io.runledger.api.Problem;
import io.runledger.api.ProblemCode;
import io.runledger.api.Target;
import io.runledger.command.definition.DefinitionStore.Stored;
import io.runledger.command.work.WorkSignal;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The definitions of all projects. A create asks the database for the version only, and only when its target has a
 * definition: which targets have one is kept in memory, and looked up again when any node has changed a definition.
 */
public final class Definitions {

    /** What nodes that keep definitions in memory listen on: a definition has changed, or a project's rule. */
    public static final String CHANNEL = "runledger_definition";

    /** Should a notification be lost, this is how late a target's first definition is seen on other nodes. */
    static final Duration MEMORY = Duration.ofSeconds(5);

    private static final int PROJECTS = 10_000;

    private final DefinitionStore store;
    private final DefinitionLimits limits;
    private final DefinitionRule rule;
    private final AtomicLong changes = new AtomicLong();
    private final Cache<String, Targets> targets;
    private final Cache<Key, CompiledDefinition> compiled;

    /** Definitions whose targets are remembered for so long at most. */
    Definitions(DefinitionStore store, DefinitionLimits limits, DefinitionRule rule, Duration memory) {
        this.store = store;
        this.limits = limits;
        this.rule = rule;
        this.targets = Caffeine.newBuilder()
                .maximumSize(PROJECTS)
                .expireAfterWrite(memory)
                .build();
        this.compiled = Caffeine.newBuilder()
                .maximumWeight(limits.cacheBytes())
                .weigher((Key _, CompiledDefinition definition) -> definition.weight())
                .build();
    }

    private record Key(String project, Target target) {}

    /** Which targets of a project had a definition, and whether all need one, when so many changes had been heard of. */
    private record Targets(Set<String> defined, boolean isRequired, long changes) {}

    void listenTo(WorkSignal signal) {
        signal.on(CHANNEL, changes::incrementAndGet);
    }

    /** The target's definition as it is now; null when it has none. */
    public @Nullable CompiledDefinition of(String project, Target target) {
        if (!targets(project).defined().contains(target.toString())) {
            return null;
        }
        Key key = new Key(project, target);
        CompiledDefinition known = compiled.getIfPresent(key);
        Stored stored = store.find(project, target, known == null ? DefinitionStore.NEVER : known.version());
        if (stored == null || stored.deleted()) {
            return null;
        }
        Definition definition = stored.definition();
        if (definition == null) {
            return known;
        }
        CompiledDefinition fresh = new CompiledDefinition(stored.version(), definition, limits);
        compiled.put(key, fresh);
        return fresh;
    }

    /**
     * Whether the project takes no run of this target: it has no definition and the project requires one. Runs that exist
     * go on.
     */
    public boolean isMissing(String project, Target target) {
        Targets known = targets(project);
        return known.isRequired() && !known.defined().contains(target.toString());
    }

    private Targets targets(String project) {
        Targets known = targets.getIfPresent(project);
        // Counted before the database is asked: what changes meanwhile is looked up next time.
        long heard = changes.get();
        if (known == null || known.changes() != heard) {
            known = new Targets(store.targets(project), rule.isRequired(project), heard);
            targets.put(project, known);
        }
        return known;
    }

    /**
     * Gives the target this definition; the same as before changes nothing.
     *
     * @param ifVersion the version that it must have now; null when any will do
     * @return whether it had none
     * @throws Problem when the definition cannot be used, or it has another version
     */
    public boolean put(String project, Target target, Definition definition, @Nullable Long ifVersion, String actor) {
        var _ = CompiledDefinition.schema(definition, limits);
        Stored before = store.find(project, target, DefinitionStore.NEVER);
        Definition definedBefore = before == null ? null : before.definition();
        requireVersion(definedBefore == null ? null : before, ifVersion);
        if (definition.equals(definedBefore)) {
            return false;
        }
        if (definedBefore == null && store.targets(project).size() >= limits.perProject()) {
            throw new Problem(
                    ProblemCode.CONFLICT,
                    "The project has " + limits.perProject() + " definitions, as many as it may have.");
        }
        int version = before == null ? DefinitionStore.NEVER : before.version();
        changed(store.put(project, target, definition, version, actor));
        return definedBefore == null;
    }

    /**
     * Takes the target's definition away; its runs stay as they are.
     *
     * @param ifVersion the version that it must have now; null when any will do
     * @throws Problem when it has none, or another version
     */
    public void delete(String project, Target target, @Nullable Long ifVersion, String actor) {
        Stored before = store.find(project, target, DefinitionStore.NEVER);
        if (before == null || before.deleted()) {
            throw Problem.noSuchDefinition(target);
        }
        requireVersion(before, ifVersion);
        changed(store.delete(project, target, before.version(), actor));
    }

    private static void requireVersion(@Nullable Stored before, @Nullable Long ifVersion) {
        if (ifVersion != null && (before == null || before.version() != ifVersion)) {
            String now = before == null ? "There is no definition" : "The definition's version is " + before.version();
            throw new Problem(ProblemCode.VERSION_MISMATCH, now + "; read it again and decide anew.");
        }
    }

    private void changed(boolean written) {
        if (!written) {
            throw new Problem(ProblemCode.CONFLICT, "Another change of this definition came first; read it again.");
        }
        // This node does not wait for the notification.
        changes.incrementAndGet();
    }
}

package io.runledger.command.task;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.runledger.api.Json;
import io.runledger.api.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The condition of a task, in CEL: over {@code run.input}, {@code run.config}, {@code run.labels}, and {@code output} and
 * {@code status} of {@code tasks.KEY}. CEL has no loops but over what is there, and those are limited.
 */
final class Condition {

    private static final String RUN = "run";
    private static final String TASKS = "tasks";
    private static final Set<String> OF_RUN = Set.of("input", "config", "labels");
    private static final Set<String> OF_TASK = Set.of("output", "status");
    private static final String INDEX = "_[_]";

    /** Deeper is nobody's condition. */
    private static final int DEPTH = 50;

    private final CelAbstractSyntaxTree tree;
    private final TaskSettings settings;

    private Condition(CelAbstractSyntaxTree tree, TaskSettings settings) {
        this.tree = tree;
        this.settings = settings;
    }

    private static CelOptions.Builder options() {
        return CelOptions.current().maxParseRecursionDepth(DEPTH).enableHeterogeneousNumericComparisons(true);
    }

    private static CelCompiler compiler() {
        return CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(options().build())
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addVar(RUN, MapType.create(SimpleType.STRING, SimpleType.DYN))
                .addVar(TASKS, MapType.create(SimpleType.STRING, MapType.create(SimpleType.STRING, SimpleType.DYN)))
                .setResultType(SimpleType.BOOL)
                .build();
    }

    /** What is wrong with a condition, for people; empty when it can be judged. */
    static List<String> errors(String text, TaskSettings settings) {
        if (text.codePointCount(0, text.length()) > settings.conditionChars()) {
            return List.of("has more than " + settings.conditionChars() + " characters");
        }
        CelValidationResult result = compiler().compile(text);
        if (result.hasError()) {
            return result.getErrors().stream().map(Condition::told).toList();
        }
        return names(text).wrong();
    }

    private static String told(CelIssue issue) {
        return issue.getMessage() + " at line " + issue.getSourceLocation().getLine() + ", column "
                + (issue.getSourceLocation().getColumn() + 1);
    }

    /**
     * A condition that was found to be right when its run was created.
     *
     * @throws Problem when it is not any more
     */
    static Condition of(String text, TaskSettings settings) {
        try {
            return new Condition(compiler().compile(text).getAst(), settings);
        } catch (CelValidationException e) {
            throw Problem.badRequest("/if", String.valueOf(e.getMessage()));
        }
    }

    /** The keys of the tasks that a condition speaks of; none when it cannot be read. */
    static Set<String> tasksIn(String text) {
        return names(text).tasks();
    }

    private record Names(Set<String> tasks, List<String> wrong) {}

    private static Names names(String text) {
        Names names = new Names(new TreeSet<>(), new ArrayList<>());
        CelValidationResult parsed = compiler().parse(text);
        if (parsed.hasError()) {
            return names;
        }
        try {
            CelNavigableAst.fromAst(parsed.getAst()).getRoot().allNodes().forEach(node -> look(node, names));
        } catch (CelValidationException e) {
            throw new IllegalStateException("what has no errors can be read", e);
        }
        return names;
    }

    private static void look(CelNavigableExpr node, Names names) {
        if (node.getKind() != CelExpr.ExprKind.Kind.IDENT) {
            return;
        }
        String name = node.expr().ident().name();
        CelNavigableExpr parent = node.parent().orElse(null);
        if (name.equals(RUN)) {
            String member = member(node, parent);
            if (member == null || !OF_RUN.contains(member)) {
                names.wrong().add("say run.input, run.config or run.labels");
            }
        } else if (name.equals(TASKS)) {
            String key = member(node, parent);
            String of = parent == null ? null : member(parent, parent.parent().orElse(null));
            if (key == null || of == null || !OF_TASK.contains(of)) {
                names.wrong().add("say tasks.KEY.output or tasks.KEY.status, or tasks['KEY'] for a key with a hyphen");
            } else {
                names.tasks().add(key);
            }
        }
    }

    /** The name of the member of this node that its parent selects; null when it does something else with it. */
    private static @Nullable String member(CelNavigableExpr node, @Nullable CelNavigableExpr parent) {
        if (parent == null) {
            return null;
        }
        if (parent.getKind() == CelExpr.ExprKind.Kind.SELECT) {
            return parent.expr().select().field();
        }
        if (parent.getKind() == CelExpr.ExprKind.Kind.CALL
                && parent.expr().call().function().equals(INDEX)
                && parent.expr().call().args().getFirst().id() == node.id()) {
            CelExpr index = parent.expr().call().args().get(1);
            boolean isText = index.exprKind().getKind() == CelExpr.ExprKind.Kind.CONSTANT
                    && index.constant().getKind() == CelConstant.Kind.STRING_VALUE;
            return isText ? index.constant().stringValue() : null;
        }
        return null;
    }

    /**
     * Whether the condition holds.
     *
     * @throws Problem when that cannot be told: something that it speaks of is absent, or it takes too long
     */
    boolean holds(TaskFacts facts) {
        CelRuntime runtime = CelRuntimeFactory.plannerRuntimeBuilder()
                .setOptions(options()
                        .comprehensionMaxIterations(settings.conditionSteps())
                        .build())
                .build();
        try {
            Object verdict = runtime.createProgram(tree).eval(variables(facts));
            if (verdict instanceof Boolean holds) {
                return holds;
            }
            throw Problem.badRequest("/if", "came to something that is neither true nor false");
        } catch (CelEvaluationException e) {
            throw Problem.badRequest("/if", String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, Object> variables(TaskFacts facts) {
        Map<String, Object> run = new HashMap<>();
        run.put("input", value(facts.input()));
        run.put("config", value(facts.config()));
        run.put("labels", facts.labels());
        Map<String, Object> tasks = new HashMap<>();
        facts.statuses().forEach((key, status) -> {
            Map<String, Object> task = new HashMap<>();
            task.put("status", status.wireName());
            if (facts.outputs().containsKey(key)) {
                task.put("output", value(facts.outputs().get(key)));
            }
            tasks.put(key, task);
        });
        return Map.of(RUN, run, TASKS, tasks);
    }

    private static Object value(@Nullable Json json) {
        return CelValues.of(json == null ? Json.NULL : json);
    }
}

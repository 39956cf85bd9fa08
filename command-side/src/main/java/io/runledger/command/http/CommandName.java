package io.runledger.command.http;

import io.runledger.api.RunCommand;
import io.runledger.api.RunId;
import io.runledger.command.http.RunCommandFactory.Origin;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The commands that callers can give, by their wire names: which body each takes and what it becomes. */
enum CommandName {
    CREATE(Bodies.Create.class, RunCommandFactory::create),
    START(Bodies.Start.class, RunCommandFactory::start),
    PROGRESS(Bodies.Progress.class, RunCommandFactory::progress),
    NOTE(Bodies.Note.class, RunCommandFactory::note),
    ADD_ARTIFACT(Bodies.AddArtifact.class, RunCommandFactory::addArtifact),
    FINISH(Bodies.Reason.class, RunCommandFactory::finish),
    COMPLETE(Bodies.Complete.class, RunCommandFactory::complete),
    FAIL(Bodies.Fail.class, RunCommandFactory::fail),
    STOP(Bodies.Reason.class, RunCommandFactory::stop),
    RESUME(Bodies.Resume.class, RunCommandFactory::resume),
    CANCEL(Bodies.Reason.class, RunCommandFactory::cancel);

    private static final Map<String, CommandName> BY_WIRE_NAME =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(CommandName::wireName, Function.identity()));

    private final Kind<?> kind;

    <B extends Record> CommandName(Class<B> bodyType, Maker<B> maker) {
        this.kind = new Kind<>(bodyType, maker);
    }

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static @Nullable CommandName parse(String wireName) {
        return BY_WIRE_NAME.get(wireName);
    }

    Class<? extends Record> bodyType() {
        return kind.bodyType;
    }

    /** The command that this body, which is of {@link #bodyType}, asks for. */
    RunCommand command(RunCommandFactory factory, RunId id, Record body, Origin origin) {
        return kind.command(factory, id, body, origin);
    }

    private interface Maker<B> {
        RunCommand make(RunCommandFactory factory, RunId id, B body, Origin origin);
    }

    private record Kind<B extends Record>(Class<B> bodyType, Maker<B> maker) {
        RunCommand command(RunCommandFactory factory, RunId id, Record body, Origin origin) {
            return maker.make(factory, id, bodyType.cast(body), origin);
        }
    }
}

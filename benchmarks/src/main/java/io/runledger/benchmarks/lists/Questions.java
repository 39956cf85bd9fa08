package io.runledger.benchmarks.lists;

import io.runledger.api.RunId;
import io.runledger.benchmarks.Database;
import io.runledger.benchmarks.Ledger;
import io.runledger.benchmarks.lists.Question.Asked;
import io.runledger.benchmarks.lists.Question.Sql;
import io.runledger.benchmarks.sample.Vocabulary;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Thinks up the questions: what people ask of a list of runs, with values that occur in made-up runs. */
final class Questions {

    /** Every list is one of the runs of this project that are nobody's tasks, read one row further than it shows. */
    private static final String LIST = "select * from view.run where project = 'default' and parent_id is null";

    private static final String LATEST_FIRST = " order by created_at desc, id desc limit 11";

    private final Ledger ledger;
    private final Database database;
    private final int samples;
    private final SplittableRandom random = new SplittableRandom(7);
    private final OffsetDateTime begin;
    private final Duration span;

    Questions(Ledger ledger, Database database, int samples) throws SQLException {
        this.ledger = ledger;
        this.database = database;
        this.samples = samples;
        this.begin = time("select min(created_at) from view.run");
        this.span = Duration.between(begin, time("select max(created_at) from view.run"));
    }

    List<Question> all() throws Exception {
        return Stream.concat(plain().stream(), past().stream()).toList();
    }

    private List<Question> plain() throws Exception {
        return List.of(
                question("first page", () -> new Asked("/v1/runs", LIST + LATEST_FIRST)),
                new Question("deep page by cursor", deep()),
                question("status", () -> {
                    String status = random.nextInt(4) == 0 ? "cancelled" : "failed";
                    return new Asked("/v1/runs?status=" + status, LIST + " and status = ?" + LATEST_FIRST, status);
                }),
                question("label", () -> {
                    String tenant = Vocabulary.label("tenant", random);
                    return new Asked(
                            "/v1/runs?label.tenant=" + tenant,
                            LIST + " and labels @> cast(? as jsonb)" + LATEST_FIRST,
                            json("tenant", tenant));
                }),
                question("two labels and status", () -> {
                    String team = Vocabulary.label("team", random);
                    String region = Vocabulary.label("region", random);
                    return new Asked(
                            "/v1/runs?status=failed&label.team=" + team + "&label.region=" + region,
                            LIST
                                    + " and status = 'failed' and labels @> cast(? as jsonb) and labels @> cast(? as jsonb)"
                                    + LATEST_FIRST,
                            json("team", team),
                            json("region", region));
                }),
                question("a day by duration", this::dayByDuration),
                question("name prefix", () -> {
                    String prefix = Vocabulary.sort(random) + "-" + random.nextInt(1, 10);
                    return new Asked(
                            "/v1/runs?name=" + prefix + "*", LIST + " and starts_with(name, ?)" + LATEST_FIRST, prefix);
                }),
                question("q", () -> {
                    String noun = Vocabulary.noun(random);
                    return new Asked(
                            "/v1/runs?q=" + noun + "+timeout",
                            LIST + " and view.words(name, target, error_message) @@ to_tsquery('simple', ?)"
                                    + LATEST_FIRST,
                            noun + " & timeout:*");
                }),
                new Question("parent", parents()),
                question("stats", this::stats),
                question("count", this::count));
    }

    private List<Question> past() throws SQLException {
        List<Asked> plain = new ArrayList<>();
        List<Asked> failed = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            OffsetDateTime at = anyTime();
            long position = database.number("select last_value from ledger.event_position_seq");
            position = positionAt(at, position);
            plain.add(new Asked("/v1/runs?as_of=" + at, """
                    select *, case when position > ? then (select json_agg(payload order by sequence) from ledger.event
                        where event.run_id = run.id and event.position <= ?) end
                    from view.run where project = 'default' and parent_id is null and first_position <= ?
                        and created_at <= ?""" + LATEST_FIRST, position, position, position, at));
            failed.add(new Asked(
                    "/v1/runs?status=failed&as_of=" + at,
                    """
                    select * from view.run where project = 'default' and parent_id is null and created_at <= ?
                        and (position <= ? and status = 'failed' or first_position <= ? and position > ?
                            and 'run.failed' = (select type from ledger.event where event.run_id = run.id
                                and event.position <= ? order by sequence desc limit 1))""" + LATEST_FIRST,
                    at,
                    position,
                    position,
                    position,
                    position));
        }
        return List.of(new Question("as of", plain), new Question("as of, status", failed));
    }

    /** By halving, since the times of made-up events rise with their positions. */
    private long positionAt(OffsetDateTime at, long last) throws SQLException {
        long low = 0;
        long high = last + 1;
        while (high - low > 1) {
            long middle = (low + high) / 2;
            boolean later = database.number("select count(*) from ledger.event where position = " + middle
                            + " and recorded_at > '" + at + "'")
                    == 1;
            low = later ? low : middle;
            high = later ? middle : high;
        }
        return low;
    }

    private Asked dayByDuration() {
        OffsetDateTime from = anyTime();
        OffsetDateTime to = from.plusDays(1);
        return new Asked(
                "/v1/runs?sort=-duration_ms&created_after=" + from + "&created_before=" + to,
                LIST + " and created_at > ? and created_at < ? and duration_ms is not null"
                        + " order by duration_ms desc, id desc limit 11",
                from,
                to);
    }

    private Asked stats() {
        return new Asked("/v1/runs/stats", List.of(new Sql("""
                                select status, sum(n) from view.run_count
                                where generation = 'run_1' and project = 'default' and not task group by status""", List.of()), new Sql("""
                                select count(*), percentile_disc(0.5) within group (order by duration_ms),
                                    percentile_disc(0.95) within group (order by duration_ms)
                                from (select duration_ms from view.run where project = 'default' and parent_id is null
                                    and duration_ms is not null and finished_at is not null
                                    order by finished_at desc, id desc limit 10000) as timed""", List.of())));
    }

    private Asked count() {
        String target = Vocabulary.target(random);
        return new Asked(
                "/v1/runs?count=true&target=" + target,
                List.of(
                        new Sql(LIST + " and target = ?" + LATEST_FIRST, List.of(target)),
                        new Sql(
                                "select count(*) from (" + LIST.replace("*", "")
                                        + " and target = ? limit 10001) as counted",
                                List.of(target))));
    }

    private List<Asked> parents() throws SQLException {
        List<Asked> asked = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select parent_id from view.run where project = 'default'"
                        + " and parent_id is not null order by hashtext(id::text) limit " + samples)) {
            while (row.next()) {
                UUID parent = row.getObject(1, UUID.class);
                asked.add(new Asked(
                        "/v1/runs?parent_id=" + parent,
                        "select * from view.run where project = 'default' and parent_id = ?" + LATEST_FIRST,
                        parent));
            }
        }
        return asked;
    }

    /** Goes through the list to its middle, or 300,000 runs far, and asks from there on. */
    private List<Asked> deep() throws IOException, InterruptedException, SQLException {
        long runs = database.number("select sum(n) from view.run_count where project = 'default' and not task");
        long pages = Math.min(3_000, runs / 200);
        Deque<Asked> last = new ArrayDeque<>();
        String after = "";
        for (long page = 0; page < pages; page++) {
            JsonNode answer = JsonMapper.shared().readTree(ledger.get("/v1/runs?limit=100" + after));
            JsonNode run = answer.get("data").get(answer.get("data").size() - 1);
            after = "&after=" + URLEncoder.encode(answer.get("next").asString(), StandardCharsets.UTF_8);
            last.add(new Asked(
                    "/v1/runs?" + after.substring(1),
                    LIST + " and (created_at, id) < (?, ?)" + LATEST_FIRST,
                    OffsetDateTime.parse(run.get("created_at").asString()),
                    RunId.of(run.get("id").asString()).value()));
            if (last.size() > samples) {
                last.removeFirst();
            }
        }
        return List.copyOf(last);
    }

    private Question question(String name, Supplier<Asked> asking) {
        return new Question(name, Stream.generate(asking).limit(samples).toList());
    }

    private OffsetDateTime anyTime() {
        Instant time = begin.toInstant().plusMillis((long) (random.nextDouble() * span.toMillis()));
        return time.atOffset(ZoneOffset.UTC);
    }

    private OffsetDateTime time(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getObject(1, OffsetDateTime.class);
        }
    }

    private static String json(String label, String value) {
        return "{\"" + label + "\": \"" + value + "\"}";
    }
}

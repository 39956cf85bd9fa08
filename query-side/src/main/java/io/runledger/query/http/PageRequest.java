package io.runledger.query.http;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which page is asked for of a list that has one order, by {@code limit} and either {@code after} or {@code before}. */
public final class PageRequest {

    private static final int DEFAULT_LIMIT = 10;
    private static final int MOST = 100;
    private static final String WRONG = "is not a cursor of this list: take it from an answer to the same query";

    private final Cursors cursors;
    private final String list;
    private final @Nullable String place;
    private final boolean backwards;
    private final int limit;

    private PageRequest(Cursors cursors, String list, @Nullable String place, boolean backwards, int limit) {
        this.cursors = cursors;
        this.list = list;
        this.place = place;
        this.backwards = backwards;
        this.limit = limit;
    }

    /** Reads the parameters; {@code list} tells this list, of this project, from all others. */
    public static PageRequest read(QueryParameters parameters, Cursors cursors, String list) {
        String after = parameters.value("after", WRONG, text -> cursors.read(list, text));
        String before = parameters.value("before", WRONG, text -> cursors.read(list, text));
        int limit = (int) parameters.number("limit", DEFAULT_LIMIT, 1, MOST);
        if (parameters.has("after") && parameters.has("before")) {
            parameters.error("before", "cannot go with after");
        }
        return new PageRequest(cursors, list, after == null ? before : after, before != null, limit);
    }

    /** The row that the page begins after, or ends before when it is read backwards; null for the first page. */
    public @Nullable String place() {
        return place;
    }

    /** Whether to read against the order of the list, from {@link #place} on. */
    public boolean backwards() {
        return backwards;
    }

    /** How many rows to read: one more than the page has, to see whether there are others. */
    public int rows() {
        return limit + 1;
    }

    /** The page that consists of these rows, in the order in which they were read. */
    public <T> Page<T> page(List<T> read, Function<T, String> placeOf) {
        return page(read, read.size() > limit, placeOf);
    }

    /** Like {@link #page(List, Function)}, when fewer rows may have been read than there are. */
    public <T> Page<T> page(List<T> read, boolean others, Function<T, String> placeOf) {
        List<T> inDirection = read.subList(0, Math.min(limit, read.size()));
        List<T> data = backwards ? inDirection.reversed() : inDirection;
        // What the page was asked to come before, or after, is there in the other direction.
        boolean later = !data.isEmpty() && (backwards || others);
        boolean earlier = !data.isEmpty() && (backwards ? others : place != null);
        return new Page<>(
                data,
                later,
                later ? cursors.print(list, placeOf.apply(data.getLast())) : null,
                earlier ? cursors.print(list, placeOf.apply(data.getFirst())) : null);
    }
}

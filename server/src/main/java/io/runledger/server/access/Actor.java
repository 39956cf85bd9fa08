package io.runledger.server.access;

import org.jspecify.annotations.Nullable;

/** How the holder of a key is named in events: {@code key:ID/NAME}, or {@code key:ID} when the name says no more. */
final class Actor {

    private static final String KEY = "key:";

    private Actor() {}

    static String of(String id, String name) {
        return id.equals(name) ? KEY + id : KEY + id + "/" + name;
    }

    /** The id of the key whose holder it is; null when it is somebody else. */
    static @Nullable String keyOf(String actor) {
        if (!actor.startsWith(KEY)) {
            return null;
        }
        int slash = actor.indexOf('/');
        return actor.substring(KEY.length(), slash < 0 ? actor.length() : slash);
    }
}

package io.runledger.server.limits;

/**
 * How many requests a second are answered, on each node.
 *
 * @param perKey of one key
 * @param perProject of all keys of a project together
 */
record RateLimitSettings(Rates perKey, Rates perProject) {

    /** Requests a second of each kind. */
    record Rates(int reading, int writing, int streaming) {

        int of(Traffic traffic) {
            return switch (traffic) {
                case READING -> reading;
                case WRITING -> writing;
                case STREAMING -> streaming;
            };
        }
    }
}

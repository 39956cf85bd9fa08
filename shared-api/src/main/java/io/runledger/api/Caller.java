package io.runledger.api;

/** Who makes a request: the project that the key belongs to, and the key's name as it stands in the events. */
public record Caller(String project, String actor) {

    /** The request attribute under which the authenticated caller stands. */
    public static final String ATTRIBUTE = "io.runledger.caller";

    /** The request attribute under which the request's id stands, a string. */
    public static final String REQUEST_ID_ATTRIBUTE = "io.runledger.request_id";
}

package io.runledger.api;

import java.util.Locale;

/** Every way in which the ledger says no: a stable code for programs, a title for people, an HTTP status. */
public enum ProblemCode {
    BAD_REQUEST(400, "The request is wrong"),
    UNAUTHORIZED(401, "A key is needed"),
    FORBIDDEN(403, "The key's role does not allow this"),
    NOT_FOUND(404, "There is no such thing here"),
    METHOD_NOT_ALLOWED(405, "The method is not allowed here"),
    NOT_ACCEPTABLE(406, "The wanted representation is not available"),
    INVALID_TRANSITION(409, "The run's status does not allow this"),
    LEASE_LOST(409, "The lease is not held any more"),
    KEY_TAKEN(409, "The key belongs to another run"),
    CONFLICT(409, "Another command came first"),
    VERSION_MISMATCH(412, "It has another version"),
    TOO_LARGE(413, "The request is too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "The content type is not supported"),
    IDEMPOTENCY_KEY_REUSED(422, "The Idempotency-Key belongs to another request"),
    TOO_MANY_REQUESTS(429, "Too many requests in too short a time"),
    INTERNAL_ERROR(500, "Something went wrong in the ledger"),
    NOT_IMPLEMENTED(501, "The ledger cannot do this yet"),
    UNAVAILABLE(503, "The ledger cannot answer right now");

    private final int status;
    private final String title;

    ProblemCode(int status, String title) {
        this.status = status;
        this.title = title;
    }

    /** The HTTP status that goes with this code. */
    public int status() {
        return status;
    }

    /** One sentence for people; the detail of a problem says more. */
    public String title() {
        return title;
    }

    /** The lower snake case name used on the wire. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

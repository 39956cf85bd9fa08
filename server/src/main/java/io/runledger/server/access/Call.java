package io.runledger.server.access;

import org.springframework.http.HttpMethod;

/**
 * One call of the API, as the published description writes it.
 *
 * @param path with variables in braces
 * @param ofLedger whether it concerns all projects, so that only keys of the ledger's own project may make it
 */
public record Call(HttpMethod method, String path, boolean ofLedger) {

    static Call get(String path) {
        return new Call(HttpMethod.GET, path, false);
    }

    static Call post(String path) {
        return new Call(HttpMethod.POST, path, false);
    }

    static Call put(String path) {
        return new Call(HttpMethod.PUT, path, false);
    }

    static Call delete(String path) {
        return new Call(HttpMethod.DELETE, path, false);
    }

    static Call ledgerWide(Call call) {
        return new Call(call.method, call.path, true);
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}

package io.runledger.query.run;

import io.runledger.api.FieldError;
import io.runledger.api.Json;
import io.runledger.api.RunError;
import java.util.List;

/** How wrong inputs, which are many, become the one error of a run. */
final class RunErrors {

    /** The error code of a run whose inputs or configuration are wrong. */
    private static final String CODE = "invalid_input";

    private RunErrors() {}

    static RunError invalid(List<FieldError> errors) {
        String message = errors.size() == 1
                ? errors.getFirst().pointer() + ": " + errors.getFirst().detail()
                : errors.size() + " things are wrong with the input, see details";
        return new RunError(CODE, message, false, new Json(ViewJson.MAPPER.writeValueAsString(errors)));
    }
}

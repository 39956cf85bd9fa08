package io.runledger.query.run;

import io.runledger.api.Backoff;
import io.runledger.api.Terms;
import org.jspecify.annotations.Nullable;

/** What a run was created with and never changes: kept together in one column, for nothing looks for it. */
record RunTerms(@Nullable Backoff backoff, Terms terms) {

    static final RunTerms NONE = new RunTerms(null, Terms.NONE);

    /** Null when there are none. */
    static @Nullable RunTerms of(@Nullable Backoff backoff, @Nullable Terms terms) {
        return backoff == null && terms == null ? null : new RunTerms(backoff, terms == null ? Terms.NONE : terms);
    }
}

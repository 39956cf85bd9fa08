package io.runledger.query.run;

import org.jspecify.annotations.Nullable;

/**
 * One page of a list of runs that is asked for.
 *
 * @param place the run that the page begins after, or ends before when it is read backwards; null for none
 * @param identity what makes this the same list as another page's; cursors are bound to it
 * @param asOf the past moment that the list shows; null for now
 */
record RunListQuery(
        RunFilter filter,
        RunSort sort,
        @Nullable RunPlace place,
        boolean backwards,
        int limit,
        int offset,
        boolean counted,
        String identity,
        @Nullable AsOf asOf) {}

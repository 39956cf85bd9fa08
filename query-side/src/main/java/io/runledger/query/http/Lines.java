package io.runledger.query.http;

import java.util.List;

/** What an answer of any length consists of, one JSON object a line, given out slice by slice. Used by one thread. */
public interface Lines {

    /** Whether everything was given out. */
    boolean isDone();

    /** The next objects, no more than may be in memory at once; perhaps none, and yet there are others. */
    List<?> next();

    /** The last line, which says that the answer is complete and where to go on another time. */
    Object end();
}

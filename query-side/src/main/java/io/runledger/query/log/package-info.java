/** What runs log: read page by page, or followed as it comes. */
@NullMarked
package io.runledger.query.log;

import org.jspecify.annotations.NullMarked;

/**
 * The second wall between projects: whoever reads for a caller reads through here, and PostgreSQL shows the rows of the
 * caller's project only; see ADR 22.
 */
@NullMarked
package io.runledger.query.project;

import org.jspecify.annotations.NullMarked;

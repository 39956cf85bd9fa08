/** Shows definitions. They are few and change rarely, so they are read where they are written, always as they are now. */
@NullMarked
package io.runledger.query.definition;

import org.jspecify.annotations.NullMarked;

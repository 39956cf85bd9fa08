/** How much one key and one project may ask for, so that none of them takes what belongs to the others. */
@NullMarked
package io.runledger.server.limits;

import org.jspecify.annotations.NullMarked;

/**
 * What every question over HTTP has in common: query parameters that are all checked, and cursors that are signed.
 * It knows no view.
 */
@NullMarked
package io.runledger.query.http;

import org.jspecify.annotations.NullMarked;

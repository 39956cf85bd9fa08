/**
 * What holds for every call: problem documents, request ids, strict parameters, the JSON of answers, the OpenAPI
 * document. No endpoint of the ledger lives here.
 */
@NullMarked
package io.runledger.server.http;

import org.jspecify.annotations.NullMarked;

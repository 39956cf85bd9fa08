/**
 * Stories of the ledger as a process: started, killed, started again, and asked over HTTP as any client would. What they
 * find out must not depend on the ledger's own rules, so they bring a reference model and a fold of their own.
 */
@NullMarked
package io.runledger.server.story;

import org.jspecify.annotations.NullMarked;

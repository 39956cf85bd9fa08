/**
 * Carries out plans: makes the runs of tasks when their turn has come, tells a run what became of them, and keeps them in
 * step with it. It decides nothing, and may be interrupted anywhere: what it does twice has the effect of once.
 */
@NullMarked
package io.runledger.command.task;

import org.jspecify.annotations.NullMarked;

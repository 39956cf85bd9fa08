/**
 * The rules of runs that are made of tasks: which task's turn it is, which is not done, what becomes of the run. Pure
 * functions of a plan and of what happened; who carries out what they come to is another package's affair.
 */
@NullMarked
package io.runledger.command.workflow;

import org.jspecify.annotations.NullMarked;

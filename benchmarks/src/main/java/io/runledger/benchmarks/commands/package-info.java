/** How quickly commands are carried out and durable, beside what PostgreSQL does with as many commits by hand. */
@NullMarked
package io.runledger.benchmarks.commands;

import org.jspecify.annotations.NullMarked;

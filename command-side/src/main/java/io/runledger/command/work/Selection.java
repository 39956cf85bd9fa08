package io.runledger.command.work;

import java.util.List;

/** Which runs a worker takes; no queues or no targets means any. */
public record Selection(String project, List<String> queues, List<String> targets) {}

-- On which terms a run is executed: back-off, timeout, ttl, concurrency, dependencies. Set once, never looked for.
alter table view.run add column terms text;

-- What runs log: beside their events and not among them, so that a chatty worker makes no run slow.

-- How many lines a run has: the number of its next one. Who adds lines holds this row until they can be read, so they
-- can be read in the order of their numbers, and none comes in between later.
create table ledger.run_log (
    run_id  uuid    primary key,
    project text    not null,
    lines   integer not null
) with (fillfactor = 70);

create table ledger.log_line (
    run_id  uuid        not null,
    number  integer     not null,
    at      timestamptz not null,
    level   text        not null,
    message text        not null,
    -- JSON, as it was given.
    fields  text,
    primary key (run_id, number)
);

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant select, insert, update on ledger.run_log to runledger_app;
        grant select, insert on ledger.log_line to runledger_app;
    end if;
end $$;

-- A view's rows live in tables called generations, view.<name>_<number>; view.<name> shows the current one. So the next
-- generation can be built beside it, and the switch is one statement in a transaction; see ADR 12.
alter table view.run rename to run_1;
create view view.run as select * from view.run_1;

-- Counters bear the name of the table that they count.
drop trigger count_added on view.run_1;
drop trigger count_changed on view.run_1;
drop trigger count_gone on view.run_1;
drop trigger count_none on view.run_1;
delete from view.run_count;
call view.attach_counts('view.run_1', 'run_1');

-- Which generation serves. Who writes into it holds the row for share; who switches holds it for update.
create table view.projection (
    name              text    primary key,
    generation        integer not null,
    -- What SCHEMA_VERSION in the code was when this generation was built.
    schema_version    integer not null,
    -- The generation that served before, and how far it got: kept for a way back until it is dropped.
    previous          integer,
    previous_version  integer,
    previous_position bigint
);
insert into view.projection (name, generation, schema_version) values ('run', 1, 1);

-- The rebuild under way, or the last one.
create table view.rebuild (
    projection        text    primary key references view.projection,
    generation        integer not null,
    schema_version    integer not null,
    -- A rollback is a rebuild that begins with the previous generation instead of an empty one.
    rollback          boolean not null,
    status            text    not null check (status in ('running', 'done', 'given_up')),
    -- The last event that is in the new generation: written in the transaction that writes the rows.
    position          bigint  not null,
    events_per_second double precision not null default 0,
    started_at        timestamptz not null default now(),
    finished_at       timestamptz,
    -- What stopped the last attempt; it is tried again.
    failure           text,
    -- How the new generation differed from the one it replaced.
    compared          bigint  not null default 0,
    differing         bigint  not null default 0,
    differing_runs    uuid[]  not null default '{}'
);

-- Runs with an event that a generation could not take; it and the run's later events wait here, the other runs go on.
create table view.dead_letter (
    projection    text    not null,
    generation    integer not null,
    run_id        uuid    not null,
    project       text    not null,
    sequence      bigint  not null,
    position      bigint  not null,
    -- The last event of the run that waits.
    last_sequence bigint  not null,
    cause         text    not null,
    parked_at     timestamptz not null default now(),
    retries       integer not null default 0,
    primary key (projection, generation, run_id)
);

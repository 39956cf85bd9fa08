-- Batches: where their inputs are, and who works on which of their items; see ADR 14. Both tables are written in the
-- commit of the events that make them so, and can be made again from the events.

-- Which event of a run holds which of its inputs: from first on, so many.
create table ledger.item_chunk (
    run_id   uuid    not null,
    sequence bigint  not null,
    first    integer not null,
    count    integer not null,
    primary key (run_id, sequence)
);

-- While a batch is running: the items that have no result yet, in a few rows. Without an end of a lease, or after it,
-- they may be claimed; before it, they are held under that lease.
create table ledger.item_work (
    run_id           uuid           not null,
    lease            bigint         not null,
    -- How many leases, this one included, these items have been under.
    attempt          integer        not null,
    items            int4multirange not null,
    worker           text,
    lease_seconds    integer,
    lease_expires_at timestamptz,
    primary key (run_id, lease, attempt)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

-- Above every sequence number of an event: the token of a chunk of items is never the token of a run.
create sequence ledger.item_lease start with 4611686018427387904;

-- A batch whose inputs are still being taken in is given up when nothing comes any more.
alter table ledger.work drop constraint work_status_check,
    add constraint work_status_check check (status in ('created', 'scheduled', 'blocked', 'queued', 'running'));

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant select, insert, update, delete on ledger.item_chunk, ledger.item_work to runledger_app;
        grant usage on sequence ledger.item_lease to runledger_app;
    end if;
end $$;

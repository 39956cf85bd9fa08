-- What must be known of runs outside of their events so that workers find them and their times are kept; see ADR 13.
-- A row is written in the commit of the event that makes it so, and can be made again from the events.
create table ledger.work (
    run_id            uuid     primary key,
    -- Of the event that brought the run where it stands: its sequence in the run, its place in the whole ledger. Of a
    -- leased run the sequence is the fencing number of the lease.
    version           bigint   not null,
    place             bigint   not null,
    project           text     not null,
    status            text     not null check (status in ('scheduled', 'blocked', 'queued', 'running')),
    since             timestamptz not null,
    queue             text     not null,
    target            text     not null,
    priority          smallint not null,
    -- Queued, and just being handed out by a node: another one leaves it alone until then.
    reserved_until    timestamptz,
    worker            text,
    lease_seconds     integer,
    lease_expires_at  timestamptz,
    -- When the last heartbeat came; what one told last, and when.
    heard_at          timestamptz,
    told_at           timestamptz,
    progress_percent  double precision,
    progress_message  text,
    timeout_at        timestamptz,
    run_at            timestamptz,
    expires_at        timestamptz,
    -- Blocked: on those runs, or on a slot of its concurrency.
    waits_for         text     check (waits_for in ('runs', 'slot')),
    awaited           uuid[]   not null,
    concurrency_key   text,
    concurrency_limit integer,
    -- Held from queued until the end of the attempt; never two runs hold one.
    slot              integer,
    -- When to look at the run next, at the latest. It may be early: a heartbeat does not move it.
    due_at            timestamptz
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

-- Without a target any run of the queue will do; with one, the others must not be read on the way to it.
create index work_by_queue on ledger.work (project, queue, priority desc, place) where status = 'queued';
create index work_by_target on ledger.work (project, queue, target, priority desc, place) where status = 'queued';
create index work_due on ledger.work (due_at) where due_at is not null;
create index work_running on ledger.work (project, queue) where status = 'running';
create index work_blocked on ledger.work (project, concurrency_key, place) where waits_for = 'slot';
create index work_awaiting_runs on ledger.work (run_id) where waits_for = 'runs';
create index work_awaiting on ledger.work using gin (awaited) where waits_for = 'runs';
create unique index work_one_run_per_slot on ledger.work (project, concurrency_key, slot) where slot is not null;

-- The runs that were there before this table: those that wait, and those that a worker holds, which get one more lease.
insert into ledger.work (run_id, version, place, project, status, since, queue, target, priority, worker, lease_seconds,
    lease_expires_at, run_at, awaited, due_at)
select run_id, sequence, position, project, status, recorded_at, queue, target, priority, worker, lease_seconds,
    lease_expires_at, run_at, '{}', coalesce(lease_expires_at, run_at)
from (
    select last.*, created.payload ->> 'queue' as queue, created.payload ->> 'target' as target,
        (created.payload ->> 'priority')::smallint as priority,
        case last.type when 'run.queued' then 'queued' when 'run.scheduled' then 'scheduled' else 'running' end as status,
        last.payload ->> 'worker' as worker,
        (last.payload ->> 'lease_seconds')::integer as lease_seconds,
        now() + (last.payload ->> 'lease_seconds')::integer * interval '1 second' as lease_expires_at,
        (last.payload ->> 'run_at')::timestamptz as run_at
    from (
        select distinct on (run_id) run_id, project, sequence, position, type, payload, recorded_at
        from ledger.event
        where type not in ('run.items_added', 'run.progressed', 'run.checkpointed', 'run.noted', 'run.artifact_added',
            'run.items_recorded', 'run.attempt_failed', 'run.resumed', 'run.finishing')
        order by run_id, sequence desc
    ) as last
    join ledger.event created on created.run_id = last.run_id and created.sequence = 0
    where last.type in ('run.queued', 'run.scheduled')
        or last.type = 'run.started' and last.payload ->> 'lease_seconds' is not null
) as standing;

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant select, insert, update, delete on ledger.work to runledger_app;
    end if;
end $$;

-- The ledger: every event of every run, in one total order. Written only by appending; see ADR 2 and ADR 3.
create table ledger.event (
    -- Drawn under the append lock, so positions become visible in order. CACHE must stay 1.
    position       bigint generated always as identity (cache 1) primary key,
    id             uuid        not null,
    project        text        not null,
    run_id         uuid        not null,
    sequence       bigint      not null check (sequence >= 0),
    type           text        not null,
    version        smallint    not null check (version >= 1),
    -- json, not jsonb: the text is kept byte by byte, because the hash covers it and callers get it back as given.
    payload        json        not null,
    -- Of the payload's text in UTF-8: lets a reader bound what it takes into memory without reading it.
    payload_bytes  integer     not null,
    actor          text        not null,
    correlation_id text,
    causation_id   text,
    command_id     text,
    -- Only on run.created: the caller's own name for the run.
    run_key        text,
    occurred_at    timestamptz not null,
    recorded_at    timestamptz not null,
    hash           bytea       not null check (length(hash) = 32),
    constraint event_one_per_version unique (run_id, sequence)
);

-- A command's id is unique in its run, and a key in its project: the store guards both, over crashes and nodes.
create unique index event_one_per_command on ledger.event (run_id, command_id) where command_id is not null;
create unique index event_one_run_per_key on ledger.event (project, run_key) where run_key is not null;

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'an event is never changed or deleted (% on ledger.event)', tg_op
        using errcode = 'insufficient_privilege';
end $$;

create trigger event_is_immutable before update or delete or truncate on ledger.event
    for each statement execute function ledger.refuse_change();

-- Random secrets that all nodes share: they sign lease tokens and cursors.
create table ledger.secret (
    name  text  primary key,
    value bytea not null check (length(value) = 32)
);
insert into ledger.secret values
    ('lease', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')),
    ('cursor', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

-- What the application's role may do; see ADR 3 for a database whose user may not make roles.
do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant usage on schema ledger to runledger_app;
        -- Not position: nobody may choose one.
        grant insert (id, project, run_id, sequence, type, version, payload, payload_bytes, actor, correlation_id,
                causation_id, command_id, run_key, occurred_at, recorded_at, hash)
            on ledger.event to runledger_app;
        grant select on ledger.event to runledger_app;
        grant select on ledger.secret to runledger_app;
    end if;
end $$;

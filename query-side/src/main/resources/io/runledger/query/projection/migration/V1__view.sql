-- Views: what the events come to, for reading. Everything here can be thrown away and built again from the ledger.

-- One row per run; see RunFold for what each column means.
create table view.run (
    id               uuid   primary key,
    project          text   not null,
    key              text,
    name             text   collate "C",
    kind             text   not null,
    target           text   not null,
    mode             text   not null,
    stage            text,
    status           text   not null collate "C",
    status_reason    text,
    labels           jsonb  not null,
    -- JSON kept as text, not json: octet_length tells its size without reading it, so that a page can end in time.
    -- SQL null: there never was a value; JSON null: given as null, or emptied.
    metadata         text,
    input            text,
    config           text,
    output           text,
    checkpoint       text,
    error_details    text,
    artifacts        text,
    items_total      bigint,
    items_running    bigint,
    items_succeeded  bigint,
    items_failed     bigint,
    items_invalid    bigint,
    error_code       text,
    error_message    text,
    error_retryable  boolean,
    exit_code        integer,
    progress_percent double precision,
    progress_message text,
    attempt          integer not null,
    max_attempts     integer not null,
    priority         integer not null,
    queue            text    not null,
    worker           text,
    lease_expires_at timestamptz,
    blocked_on       text,
    parent_id        uuid,
    root_id          uuid,
    rerun_of         uuid,
    schedule_id      text,
    created_by       text    not null,
    created_at       timestamptz not null,
    run_at           timestamptz,
    queued_at        timestamptz,
    started_at       timestamptz,
    finished_at      timestamptz,
    updated_at       timestamptz not null,
    duration_ms      bigint,
    -- Sequence and position of the last event that is in this row.
    version          bigint  not null,
    position         bigint  not null
) with (fillfactor = 85);

-- No index holds what changes with every event, so that progress is written in place.
create index run_by_time on view.run (project, created_at, id);
create index run_by_status on view.run (project, status, created_at, id);
create index run_by_target on view.run (project, target, created_at, id);
create index run_by_key on view.run (project, key) where key is not null;
create index run_by_label on view.run using gin (labels jsonb_path_ops);

-- How far each view has got: Axon's token store.
create table view.token_entry (
    processor_name text    not null,
    segment        integer not null,
    token          bytea,
    token_type     text,
    claimed_at     text,
    owner          text,
    primary key (processor_name, segment)
);

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant usage on schema view to runledger_app;
        grant select, insert, update, delete, truncate on view.run, view.token_entry to runledger_app;
    end if;
end $$;

-- Bulk operations: one command for each of the runs that a filter wanted at a position of the ledger; see ADR 17. Here is
-- what was asked for and how far it is; what it did is in the events of the runs.
create table ledger.operation (
    id          uuid        primary key,
    project     text        not null,
    command     text        not null check (command in ('cancel', 'stop', 'resume', 'rerun')),
    -- As it was given: the filters of the run list in one object.
    filter      json        not null,
    reason      text,
    -- The caller's own id: asked for again, it is the same operation.
    command_id  text,
    created_by  text        not null,
    request_id  text        not null,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    finished_at timestamptz,
    status      text        not null default 'running'
        check (status in ('running', 'cancelling', 'cancelled', 'completed')),
    -- The runs are those that the filter wanted when this was the ledger's last event, and there were so many.
    position    bigint      not null,
    total       bigint      not null,
    -- Pages that were carried out, and the last run that was looked at, in order of creation.
    pages       bigint      not null default 0,
    up_to       uuid,
    done        bigint      not null default 0,
    failed      bigint      not null default 0,
    failures    json        not null default '[]',
    held_up_by  text,
    -- When a node may take the next page: put off while one is at it, null after the last.
    due_at      timestamptz default now()
);

create index operation_of_project on ledger.operation (project, id);
create unique index operation_one_per_command on ledger.operation (project, command_id) where command_id is not null;
create index operation_due on ledger.operation (due_at) where due_at is not null;

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant select, insert, update on ledger.operation to runledger_app;
    end if;
end $$;

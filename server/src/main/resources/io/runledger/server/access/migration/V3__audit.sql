-- What admins did, and with which keys somebody tried to come in. Rows are added, and neither changed nor deleted.
create table access.audit (
    position   bigint      generated always as identity primary key,
    project    text        not null references access.project,
    at         timestamptz not null default now(),
    kind       text        not null check (kind in ('admin_action', 'failed_authentication')),
    -- Who it was; of a failed authentication, whose key was named.
    actor      text,
    -- The call, or why the key did not open anything.
    what       text        not null,
    status     smallint,
    -- Failed authentications are counted, and written once a minute.
    count      bigint      not null default 1,
    remote     text,
    request_id text
);

create index audit_of_project on access.audit (project, position);

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant select, insert on access.audit to runledger_app;
    end if;
end $$;

-- Projects have an id beside their name, which is what stands in events and never changes.
alter table access.project
    add column id         uuid not null unique default gen_random_uuid(),
    add column created_by text not null default 'ledger';

-- A revoked key stays, so that the actor of an event can be looked up for ever.
alter table access.api_key
    add column name         text,
    add column created_by   text not null default 'ledger',
    add column expires_at   timestamptz,
    add column revoked_at   timestamptz,
    add column revoked_by   text,
    -- Noted about once a minute.
    add column last_used_at timestamptz;
update access.api_key set name = id;
alter table access.api_key alter column name set not null;

create index api_key_of_project on access.api_key (project, id collate "C");

-- Every node forgets what it remembers of a key that has changed.
create function access.tell_of_key() returns trigger language plpgsql as $$
begin
    perform pg_notify('runledger_key', coalesce(new.id, old.id));
    return null;
end $$;

create trigger key_is_told after insert or delete or update of project, role, hash, expires_at, revoked_at
    on access.api_key for each row execute function access.tell_of_key();

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant insert on access.project to runledger_app;
    end if;
end $$;

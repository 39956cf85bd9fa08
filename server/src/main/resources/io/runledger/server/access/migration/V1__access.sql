-- Who may come in. A project owns everything in it; a key belongs to one project.
create table access.project (
    name       text        primary key check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    created_at timestamptz not null default now()
);

create table access.api_key (
    id         text        primary key,
    project    text        not null references access.project,
    role       text        not null check (role in ('viewer', 'operator', 'worker', 'admin')),
    -- SHA-256 of the whole key; the key itself is kept nowhere here.
    hash       bytea       not null unique check (length(hash) = 32),
    created_at timestamptz not null default now()
);

insert into access.project (name) values ('default');

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant usage on schema access to runledger_app;
        grant select on access.project to runledger_app;
        grant select, insert, update, delete on access.api_key to runledger_app;
    end if;
end $$;

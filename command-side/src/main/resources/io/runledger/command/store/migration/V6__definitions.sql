-- What runs of a target must look like; see ADR 16. One row for each target that has, or had, a definition.
create table ledger.definition (
    project      text        not null,
    target       text        not null,
    -- Goes on counting after a deletion, so that a version never means two things.
    version      integer     not null,
    deleted      boolean     not null default false,
    -- As it was given, text for text.
    input_schema text,
    stages       text[]      not null,
    -- JSON.
    defaults     text        not null,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    updated_by   text        not null,
    primary key (project, target)
);

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant select, insert, update on ledger.definition to runledger_app;
    end if;
end $$;

-- A project may take runs of targets with a definition only.
alter table access.project add column require_definitions boolean not null default false;

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant update (require_definitions) on access.project to runledger_app;
    end if;
end $$;

-- What may be read of keys and of what admins did, for a caller of one project; see V13 of the ledger, and ADR 22. What a
-- key is known by, its hash, is for nobody to read.
create view of_project.api_key as
    select id, name, project, role, created_by, created_at, expires_at, revoked_at, revoked_by, last_used_at
    from access.api_key where project = current_setting('runledger.project');
create view of_project.audit as
    select * from access.audit where project = current_setting('runledger.project');

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_reader') then
        grant select on of_project.api_key, of_project.audit to runledger_reader;
    end if;
end $$;

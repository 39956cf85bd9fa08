-- Building and switching generations is the work of the ledger's role, and only an owner may do it: a view can be thrown
-- away and built again, so nothing is lost by that. Runs after every migration, for the role may come later than a table.
do $$
declare
    owned regclass;
begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant usage, create on schema view to runledger_app;
        for owned in
            select oid from pg_class
            where relnamespace = 'view'::regnamespace and relkind in ('r', 'v') and relname <> 'flyway_schema_history'
                and relowner <> 'runledger_app'::regrole
        loop
            execute format('alter table %s owner to runledger_app', owned);
        end loop;
    end if;
end $$;

-- The role for reading may come later than its views, too. It may use the functions of both schemas, and read no table.
do $$
declare
    shown regclass;
begin
    if exists (select from pg_roles where rolname = 'runledger_reader') then
        if not has_schema_privilege('runledger_reader', 'of_project', 'usage') then
            grant usage on schema of_project, ledger, view to runledger_reader;
        end if;
        for shown in
            select oid from pg_class
            where relnamespace = 'of_project'::regnamespace and not has_table_privilege('runledger_reader', oid, 'select')
        loop
            execute format('grant select on %s to runledger_reader', shown);
        end loop;
    end if;
end $$;

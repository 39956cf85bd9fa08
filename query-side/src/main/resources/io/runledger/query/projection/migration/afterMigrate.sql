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

-- The tasks of a run, in short: which run does each, and how it stands. No event had tasks before, so the rows that exist
-- are right without.
do $$
declare
    generation regclass;
begin
    for generation in
        select oid from pg_class where relnamespace = 'view'::regnamespace and relkind = 'r' and relname ~ '^run_[0-9]+$'
    loop
        execute format('alter table %s add column tasks text', generation);
    end loop;
    execute format('create or replace view view.run as select * from view.run_%s',
        (select projection.generation from view.projection where name = 'run'));
end
$$;

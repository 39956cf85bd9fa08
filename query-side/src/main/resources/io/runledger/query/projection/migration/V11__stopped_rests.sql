-- A run that is stopped is at rest as well: most are for good, and every past list with a status went through all of them,
-- as did every list by updated_at. Rows are not altered for that, which would stop a large ledger for minutes: generations
-- are made like this table, and SCHEMA_VERSION, which went up, has the next one built beside the one that serves (ADR 12).
do $$
declare
    serving text;
    columns text;
begin
    select 'view.run_' || generation into serving from view.projection where name = 'run';
    execute format('create table view.run_template (like %s including all) with (fillfactor = 85)', serving);
    alter table view.run_template
        drop column rested_at,
        drop column life,
        add column rested_at timestamptz generated always as (case when status in
            ('invalid', 'succeeded', 'partially_succeeded', 'failed', 'cancelled', 'skipped', 'stopped')
            then updated_at end) stored,
        add column life int8range generated always as (case when status in
            ('invalid', 'succeeded', 'partially_succeeded', 'failed', 'cancelled', 'skipped', 'stopped')
            then int8range(first_position, position) end) stored;
    create index on view.run_template (project, rested_at, id) where rested_at is not null;
    create index on view.run_template (project, created_at, id) where rested_at is null;
    create index on view.run_template using gist (life) where life is not null;

    -- Nothing has to be built again where nothing is.
    if not exists (select from view.run) then
        create table view.run_empty (like view.run_template including all) with (fillfactor = 85);
        select string_agg(attname, ', ' order by attnum) into columns
        from pg_attribute where attrelid = 'view.run'::regclass and attnum > 0;
        execute format('create or replace view view.run as select %s from view.run_empty', columns);
        execute format('drop table %s', serving);
        execute format('alter table view.run_empty rename to %s', substr(serving, 6));
        execute format('call view.attach_counts(%L, %L)', serving, substr(serving, 6));
        update view.projection set schema_version = 2 where name = 'run';
    end if;
end $$;

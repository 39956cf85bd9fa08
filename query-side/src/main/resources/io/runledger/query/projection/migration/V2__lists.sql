-- What lists, counts and the past need beside V1. See docs/decisions/0010 for which index answers what, and its price.

-- Where the run began in the whole ledger: what was there at a position began at or before it.
alter table view.run add column first_position bigint not null default 0;
update view.run set first_position = position - version where version = 0;
update view.run set first_position =
    (select event.position from ledger.event where event.run_id = run.id and event.sequence = 0)
where version > 0;
alter table view.run alter column first_position drop default;

-- An index on what changes with every event, even a partial one, would end writing in place; these two columns change
-- only when a run ends or is resumed. They say when it was last changed, and between which positions it was under way.
alter table view.run add column rested_at timestamptz generated always as (case when status in
    ('invalid', 'succeeded', 'partially_succeeded', 'failed', 'cancelled', 'skipped') then updated_at end) stored;
alter table view.run add column life int8range generated always as (case when status in
    ('invalid', 'succeeded', 'partially_succeeded', 'failed', 'cancelled', 'skipped')
    then int8range(first_position, position) end) stored;

-- Each index here is on what is set once, or changes only together with the status, which is in an index anyway: so
-- progress is still written in place. A run without the value has its place in a sort's index too, at the end of the list.
-- A past list begins where it was: runs that began later are left out in the index, without being read.
drop index view.run_by_time;
create index run_by_time on view.run (project, created_at, id, first_position);
create index run_by_started on view.run (project, started_at, id);
create index run_by_finished on view.run (project, finished_at, id);
create index run_by_duration on view.run (project, duration_ms, id);
create index run_by_priority on view.run (project, priority, id);
create index run_by_name on view.run (project, name, id);
create index run_by_rest on view.run (project, rested_at, id) where rested_at is not null;
create index run_not_at_rest on view.run (project, created_at, id) where rested_at is null;
create index run_by_error on view.run (project, error_code, created_at, id) where error_code is not null;
create index run_by_parent on view.run (project, parent_id, created_at, id) where parent_id is not null;
create index run_by_root on view.run (project, root_id, created_at, id) where root_id is not null;
create index run_by_schedule on view.run (project, schedule_id, created_at, id) where schedule_id is not null;
create index run_by_life on view.run using gist (life) where life is not null;

-- The words that q looks for. Punctuation parts words, so that "task:send-mail" holds three; an error's message may be a
-- megabyte, which no tsvector can hold, so its beginning is enough.
create function view.words(name text, target text, error_message text) returns tsvector
language sql immutable parallel safe
return to_tsvector('simple', translate(
    coalesce(name, '') || ' ' || target || ' ' || coalesce(left(error_message, 10000), ''),
    '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                '));

create index run_by_words on view.run using gin (view.words(name, target, error_message));

-- How many runs there are of each sort, kept by triggers in the transaction that changes them: counting all runs would
-- read them all. One generation per table of runs.
create table view.run_count (
    generation text    not null,
    project    text    not null,
    target     text    not null,
    queue      text    not null,
    stage      text    not null,
    -- Whether it counts tasks, the runs that have a parent.
    task       boolean not null,
    status     text    not null collate "C",
    n          bigint  not null,
    -- The stage of a run without stage is '', which no run has.
    primary key (project, generation, target, queue, stage, task, status)
) with (fillfactor = 50);

create function view.count_runs() returns trigger language plpgsql as $$
begin
    if tg_op = 'TRUNCATE' then
        delete from view.run_count where generation = tg_argv[0];
    elsif tg_op = 'INSERT' then
        insert into view.run_count as counted
        select tg_argv[0], project, target, queue, coalesce(stage, ''), parent_id is not null, status, count(*)
        from added group by 1, 2, 3, 4, 5, 6, 7
        on conflict (project, generation, target, queue, stage, task, status) do update set n = counted.n + excluded.n;
    elsif tg_op = 'DELETE' then
        insert into view.run_count as counted
        select tg_argv[0], project, target, queue, coalesce(stage, ''), parent_id is not null, status, -count(*)
        from gone group by 1, 2, 3, 4, 5, 6, 7
        on conflict (project, generation, target, queue, stage, task, status) do update set n = counted.n + excluded.n;
    else
        insert into view.run_count as counted
        select tg_argv[0], project, target, queue, coalesce(stage, ''), parent_id is not null, status, sum(one)
        from (select *, 1 as one from added union all select *, -1 from gone) as changed
        group by 1, 2, 3, 4, 5, 6, 7 having sum(one) <> 0
        on conflict (project, generation, target, queue, stage, task, status) do update set n = counted.n + excluded.n;
    end if;
    return null;
end $$;

-- Begins to count the runs of a table that has the columns of view.run, under the name of its generation.
create procedure view.attach_counts(runs regclass, generation text) language plpgsql as $$
begin
    execute format('create trigger count_added after insert on %s referencing new table as added
        for each statement execute function view.count_runs(%L)', runs, generation);
    execute format('create trigger count_changed after update on %s referencing new table as added old table as gone
        for each statement execute function view.count_runs(%L)', runs, generation);
    execute format('create trigger count_gone after delete on %s referencing old table as gone
        for each statement execute function view.count_runs(%L)', runs, generation);
    execute format('create trigger count_none after truncate on %s
        for each statement execute function view.count_runs(%L)', runs, generation);
    delete from view.run_count where run_count.generation = attach_counts.generation;
    execute format('insert into view.run_count
        select %L, project, target, queue, coalesce(stage, ''''), parent_id is not null, status, count(*)
        from %s group by 1, 2, 3, 4, 5, 6, 7', generation, runs);
end $$;

call view.attach_counts('view.run', 'run');

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant select, insert, update, delete on view.run_count to runledger_app;
    end if;
end $$;

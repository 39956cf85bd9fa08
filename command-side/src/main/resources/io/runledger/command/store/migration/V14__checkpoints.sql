-- What a project's record came to at a position, signed: whoever keeps one elsewhere can tell later whether the events
-- up to there are still those; see ADR 23. Rows are added, and neither changed nor deleted.
create table ledger.checkpoint (
    project     text        not null,
    position    bigint      not null,
    events      bigint      not null,
    runs        bigint      not null,
    -- The root of the tree over the events, and the tree's right edge, from which the next one is grown.
    root        bytea       not null check (length(root) = 32),
    edge        bytea       not null,
    recorded_at timestamptz not null,
    key_id      text        not null,
    signature   bytea       not null,
    primary key (project, position)
);

create index checkpoint_position on ledger.checkpoint (position);

create or replace function ledger.refuse_change_of_checkpoint() returns trigger language plpgsql as $$
begin
    raise exception 'a checkpoint is never changed or deleted (%)', tg_op using errcode = 'insufficient_privilege';
end $$;

create trigger checkpoint_is_immutable before update or delete or truncate on ledger.checkpoint
    for each statement execute function ledger.refuse_change_of_checkpoint();

create view of_project.checkpoint as
    select * from ledger.checkpoint where project = current_setting('runledger.project');

-- One row: up to which position every event is under a checkpoint, and when some node is to make the next ones; not at
-- once, for a large ledger that was just brought up to date has other things to do.
create table ledger.notary (
    only_one boolean     primary key default true check (only_one),
    position bigint      not null default 0,
    due_at   timestamptz not null default now() + interval '1 hour'
);
insert into ledger.notary default values;

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant select, insert on ledger.checkpoint to runledger_app;
        grant select, update on ledger.notary to runledger_app;
    end if;
end $$;

-- What is left to be done about the tasks of runs: runs to make, to stop, to cancel, conditions to judge, ends to tell; see
-- ADR 18. A row is written in the commit of the events that ask for it, and goes when it is done. Doing it twice does no
-- harm, so a node that dies in the middle leaves its rows to the next one.
create table ledger.task_work (
    -- Whose events ask for it, and which of its tasks it is about, or, of a report, which task it is; empty: the run itself.
    run_id    uuid        not null,
    task      text        not null,
    -- Of the last event of the command that asks for it: what comes later takes its place.
    version   bigint      not null,
    project   text        not null,
    parent_id uuid        not null,
    step      text        not null
        check (step in ('judge', 'make', 'resume', 'stop', 'cancel', 'complete', 'report')),
    -- The run that does the task.
    task_run  uuid,
    -- Up to which of its events that run had ended when it was wanted again; -1: it had not.
    heard     bigint      not null,
    -- When a node may take it: put off while one is at it.
    due_at    timestamptz not null,
    primary key (run_id, task)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

create index task_work_due on ledger.task_work (due_at);

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant select, insert, update, delete on ledger.task_work to runledger_app;
    end if;
end $$;

-- The items of batches that have a result; the others need no row. Where the inputs are, ledger.item_chunk knows.
create table view.item (
    run_id   uuid    not null,
    index    integer not null,
    status   text    not null check (status in ('succeeded', 'failed')),
    -- Of the event that holds the result.
    sequence bigint  not null,
    primary key (run_id, index)
);

-- A resumed batch forgets what failed, and people look for it.
create index item_failed on view.item (run_id, index) where status = 'failed';

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant select, insert, update, delete, truncate on view.item to runledger_app;
    end if;
end $$;

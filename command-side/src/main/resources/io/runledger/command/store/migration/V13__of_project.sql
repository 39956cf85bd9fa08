-- The second wall between projects: what may be read for a caller of one project; see ADR 22. Whoever reads here says for
-- its transaction whose rows it may see (runledger.project) and sees no others, whatever the statement asks for; it is
-- refused as long as it has not said so. No security barriers: all statements are ours, and may use every index.
create schema of_project;

create view of_project.event as
    select * from ledger.event where project = current_setting('runledger.project');
create view of_project.work as
    select * from ledger.work where project = current_setting('runledger.project');
create view of_project.definition as
    select * from ledger.definition where project = current_setting('runledger.project');
create view of_project.operation as
    select * from ledger.operation where project = current_setting('runledger.project');

-- Lines and items do not say whose they are: their run does, in its first event.
create view of_project.log_line as
    select log_line.* from ledger.log_line where exists (
        select from ledger.run_log
        where run_log.run_id = log_line.run_id and run_log.project = current_setting('runledger.project'));
create view of_project.item_chunk as
    select item_chunk.* from ledger.item_chunk where exists (
        select from of_project.event where event.run_id = item_chunk.run_id and event.sequence = 0);
create view of_project.item_work as
    select item_work.* from ledger.item_work where exists (
        select from of_project.event where event.run_id = item_work.run_id and event.sequence = 0);

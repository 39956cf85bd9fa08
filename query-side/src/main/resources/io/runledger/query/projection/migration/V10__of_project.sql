-- What may be read of the views for a caller of one project; see V13 of the ledger, and ADR 22. A migration that adds a
-- column to view.run adds it here too.
create view of_project.run as
    select * from view.run where project = current_setting('runledger.project');
create view of_project.run_count as
    select * from view.run_count where project = current_setting('runledger.project');
create view of_project.dead_letter as
    select * from view.dead_letter where project = current_setting('runledger.project');
create view of_project.item as
    select item.* from view.item where exists (
        select from of_project.event where event.run_id = item.run_id and event.sequence = 0);

-- Which generation serves is no project's secret, and whoever counts has to know.
create view of_project.projection as select name, generation from view.projection;

-- For its statistics ANALYZE reads 300 rows for each unit of the largest target of a table's columns: 30,000 rows from as many
-- pages by default, ten seconds after ten seconds while much is appended, a tenth of what a large import cost PostgreSQL. These
-- tables are asked by their keys and their queues; a tenth of that sample tells as much (1.2 s of an event table's, now 0.2; ADR 11).
do $$
declare
    one record;
begin
    for one in
        select attrelid::regclass as of_table, attname as name from pg_attribute
        where attrelid in ('ledger.event'::regclass, 'ledger.work'::regclass) and attnum > 0 and not attisdropped
    loop
        execute format('alter table %s alter column %I set statistics 10', one.of_table, one.name);
    end loop;
end $$;

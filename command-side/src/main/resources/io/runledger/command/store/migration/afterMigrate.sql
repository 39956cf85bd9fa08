-- As V11_1 says. Asked at every start, for a ledger may have come from a dump without these settings: another PostgreSQL
-- may lack lz4, and pg_dump is then told to leave them out.
do $$
begin
    if exists (select from pg_attribute
            where attrelid = 'ledger.event'::regclass and attname = 'payload' and attcompression = '' and attstorage = 'x')
    then
        begin
            alter table ledger.event alter column payload set compression lz4;
        exception when feature_not_supported then
            alter table ledger.event alter column payload set storage external;
        end;
    end if;
end
$$;

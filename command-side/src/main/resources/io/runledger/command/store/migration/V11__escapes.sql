-- PostgreSQL takes JSON apart only where every string in it could be a text of its own, which \u0000 and half a pair of
-- surrogates cannot. What callers gave is kept as it is and may hold both. So each \uXXXX is written \u0001XXXX before a
-- value is taken apart, and back in the parts; a backslash that is escaped itself begins none.
create or replace function ledger.apart(value json) returns json language sql immutable strict parallel safe as $$
    select case when strpos(value::text, '\u') = 0 then value
        else regexp_replace(value::text, '((^|[^\\])(\\\\)*\\u)', '\10001', 'g')::json end
$$;

create or replace function ledger.part(value json) returns text language sql immutable strict parallel safe as $$
    select case when strpos(value::text, '\u') = 0 then value::text
        else regexp_replace(value::text, '((^|[^\\])(\\\\)*\\u)0001', '\1', 'g') end
$$;

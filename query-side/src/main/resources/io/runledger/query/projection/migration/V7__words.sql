-- The same words as before for half the cost: translate compares every letter with every sign, and only these signs keep
-- PostgreSQL's parser from parting words, or drop some (addresses, paths, numbers, tags, entities). So indexes stay as
-- they are.
create or replace function view.words(name text, target text, error_message text) returns tsvector
language sql immutable parallel safe
return to_tsvector('simple', translate(
    coalesce(name, '') || ' ' || target || ' ' || coalesce(left(error_message, 10000), ''),
    '&+-./<@_~', '         '));

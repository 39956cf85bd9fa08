-- All rows of a page are reserved at once where workers take many: each needs room beside it for its next version, or it
-- goes to another page and into every index anew (16 µs a row instead of 4; ADR 13).
alter table ledger.work set (fillfactor = 50);

-- What runs of a target are made of, as it was given, text for text; see ADR 18.
alter table ledger.definition add column tasks text, add column on_failure text;

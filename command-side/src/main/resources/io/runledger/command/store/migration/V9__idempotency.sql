-- Requests that came with an Idempotency-Key, and what they were answered; see ADR 20. A row is there for a day.
create table ledger.idempotent_request (
    project    text        not null,
    key        text        not null,
    -- The id of what the request makes, and of its command: done again after a crash, it has no second effect.
    id         uuid        not null unique,
    -- SHA-256 of what was asked: method, address and body.
    request    bytea       not null check (length(request) = 32),
    created_at timestamptz not null default now(),
    -- A node that is at it puts this off; later anybody may go on.
    held_until timestamptz not null,
    -- Where the effect is not in events: what is to be answered again.
    effect     bigint,
    -- The answer, when there is one: its status, its headers as JSON, its body. Without a body it may not be kept.
    status     smallint,
    headers    text,
    body       bytea,
    primary key (project, key)
);

create index idempotent_request_age on ledger.idempotent_request (created_at);

do $$ begin
    if exists (select from pg_roles where rolname = 'runledger_app') then
        grant select, insert, update, delete on ledger.idempotent_request to runledger_app;
    end if;
end $$;

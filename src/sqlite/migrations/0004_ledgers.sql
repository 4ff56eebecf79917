-- What is kept of each tenant's ledger: repairs since the beginning, and what the last check found.
create table ledgers (
    tenant_id blob primary key,
    repaired_entries integer not null default 0,
    repaired_acknowledgements integer not null default 0,
    repaired_at_ms integer,
    -- JSON, as whoever checked wrote it down.
    last_check text
) strict, without rowid;

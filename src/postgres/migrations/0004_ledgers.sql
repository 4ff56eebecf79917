-- What is kept of each tenant's ledger: repairs since the beginning, and what the last check found.
create table ledgers (
    tenant_id uuid primary key,
    repaired_entries bigint not null default 0,
    repaired_acknowledgements bigint not null default 0,
    repaired_at_ms bigint,
    -- JSON, kept as whoever checked wrote it down.
    last_check text
);

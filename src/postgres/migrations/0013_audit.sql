-- How often a row was changed: 1 when made. A change names the version that it was decided on.
alter table agents add column version bigint not null default 1;
alter table inboxes add column version bigint not null default 1;

-- Who changed what: a chain of hashes for each tenant, written in the transaction of the change. Never updated or deleted.
create table audit (
    tenant_id uuid not null,
    -- 1, 2, 3 ... without a gap.
    number bigint not null,
    at_ms bigint not null,
    actor_kind text collate "C" not null,
    actor_id text collate "C" not null,
    act text collate "C" not null,
    object_kind text collate "C" not null,
    object_id text collate "C" not null,
    -- A JSON array of {field, before, after}.
    changes text not null,
    -- The hash of the entry before, and of this one (see src/domain/audit/hash.rs).
    previous bytea not null check (length(previous) = 32),
    hash bytea not null check (length(hash) = 32),
    primary key (tenant_id, number)
);

-- The last entry of each chain. Locked by the transaction that adds one, so that numbers have no gap.
create table audit_heads (
    tenant_id uuid primary key,
    number bigint not null,
    hash bytea not null check (length(hash) = 32)
);

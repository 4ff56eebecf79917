-- How often a row was changed: 1 when made. A change names the version that it was decided on.
alter table agents add column version integer not null default 1;
alter table inboxes add column version integer not null default 1;

-- Who changed what: a chain of hashes for each tenant, written in the transaction of the change. Never updated or deleted.
create table audit (
    tenant_id blob not null,
    -- 1, 2, 3 ... without a gap.
    number integer not null,
    at_ms integer not null,
    actor_kind text not null,
    actor_id text not null,
    act text not null,
    object_kind text not null,
    object_id text not null,
    -- A JSON array of {field, before, after}.
    changes text not null,
    -- The hash of the entry before, and of this one (see src/domain/audit/hash.rs).
    previous blob not null check (length(previous) = 32),
    hash blob not null check (length(hash) = 32),
    primary key (tenant_id, number)
) strict, without rowid;

-- The last entry of each chain. Locked by the transaction that adds one, so that numbers have no gap.
create table audit_heads (
    tenant_id blob primary key,
    number integer not null,
    hash blob not null check (length(hash) = 32)
) strict, without rowid;

-- Events that were committed with the change that they tell of. A row is published when it is marked so; which numbers were seen
-- before plays no part, because transactions commit in any order.
create table outbox (
    position bigint generated always as identity primary key,
    event_id uuid not null,
    tenant_id uuid not null,
    aggregate_kind text collate "C" not null,
    aggregate_id uuid not null,
    -- 1, 2, 3 ... for the events of one aggregate.
    number bigint not null,
    kind text collate "C" not null,
    at_ms bigint not null,
    actor_kind text not null,
    actor_id text not null,
    -- JSON, kept as it was written.
    data text not null,
    published_at_ms bigint,
    unique (tenant_id, aggregate_kind, aggregate_id, number)
);
create index outbox_waiting on outbox (position) where published_at_ms is null;
create index outbox_published on outbox (published_at_ms) where published_at_ms is not null;

-- The last number of each aggregate. Locked by the transaction that adds an event until it ends, and by nothing else, so that numbers
-- have no gap and become visible in their order.
create table outbox_numbers (
    tenant_id uuid not null,
    aggregate_kind text collate "C" not null,
    aggregate_id uuid not null,
    number bigint not null,
    primary key (tenant_id, aggregate_kind, aggregate_id)
);

-- The last event of each aggregate that was marked as published, and its sequence in the stream.
create table outbox_progress (
    tenant_id uuid not null,
    aggregate_kind text collate "C" not null,
    aggregate_id uuid not null,
    number bigint not null,
    stream_seq bigint not null,
    primary key (tenant_id, aggregate_kind, aggregate_id)
);

-- Which process publishes; one row.
create table outbox_lease (
    one boolean primary key default true check (one),
    holder uuid,
    renewals bigint not null
);
insert into outbox_lease (holder, renewals) values (null, 0);

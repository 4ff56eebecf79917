-- Events that were committed with the change that they tell of. A row is published when it is marked so; which numbers were seen
-- before plays no part, because transactions commit in any order.
create table outbox (
    position integer primary key autoincrement,
    event_id blob not null,
    tenant_id blob not null,
    aggregate_kind text not null,
    aggregate_id blob not null,
    -- 1, 2, 3 ... for the events of one aggregate.
    number integer not null,
    kind text not null,
    at_ms integer not null,
    actor_kind text not null,
    actor_id text not null,
    -- JSON, kept as it was written.
    data text not null,
    published_at_ms integer,
    unique (tenant_id, aggregate_kind, aggregate_id, number)
) strict;
create index outbox_waiting on outbox (position) where published_at_ms is null;
create index outbox_published on outbox (published_at_ms) where published_at_ms is not null;

-- The last number of each aggregate. A transaction is the only writer until it ends, so that numbers
-- have no gap and become visible in their order.
create table outbox_numbers (
    tenant_id blob not null,
    aggregate_kind text not null,
    aggregate_id blob not null,
    number integer not null,
    primary key (tenant_id, aggregate_kind, aggregate_id)
) strict;

-- The last event of each aggregate that was marked as published, and its sequence in the stream.
create table outbox_progress (
    tenant_id blob not null,
    aggregate_kind text not null,
    aggregate_id blob not null,
    number integer not null,
    stream_seq integer not null,
    primary key (tenant_id, aggregate_kind, aggregate_id)
) strict;

-- Which process publishes; one row.
create table outbox_lease (
    one integer primary key default 1 check (one = 1),
    holder blob,
    renewals integer not null
) strict;
insert into outbox_lease (holder, renewals) values (null, 0);

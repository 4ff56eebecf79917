-- What is to happen at a moment. A timer is claimed while a worker holds it in memory and is about to fire it.
create table timers (
    tenant_id blob not null,
    kind text not null,
    id text not null,
    due_at_ms integer not null,
    generation integer not null,
    payload text not null,
    claimed_by blob,
    primary key (tenant_id, kind, id)
) strict, without rowid;

-- To find those that are due and that no worker holds.
create index timers_unclaimed on timers (due_at_ms) where claimed_by is null;

-- To find those of one worker.
create index timers_claimed on timers (claimed_by) where claimed_by is not null;

-- The workers that hold claims, and how often each has renewed them. One that stops renewing loses its claims.
create table timer_claimants (
    claimant_id blob not null primary key,
    renewals integer not null
) strict, without rowid;

-- Conversations that were snoozed before there were timers.
insert into timers (tenant_id, kind, id, due_at_ms, generation, payload)
select tenant_id, 'snooze', lower(hex(conversation_id)), state ->> '$.snoozed_until', last_seq, '{}'
from conversations where status = 'snoozed' and state ->> '$.snoozed_until' is not null;

-- What is to happen at a moment. A timer is claimed while a worker holds it in memory and is about to fire it.
create table timers (
    tenant_id uuid not null,
    kind text not null,
    id text not null,
    due_at_ms bigint not null,
    generation bigint not null,
    payload text not null,
    claimed_by uuid,
    primary key (tenant_id, kind, id)
);

-- To find those that are due and that no worker holds.
create index timers_unclaimed on timers (due_at_ms) where claimed_by is null;

-- To find those of one worker.
create index timers_claimed on timers (claimed_by) where claimed_by is not null;

-- The workers that hold claims, and how often each has renewed them. One that stops renewing loses its claims.
create table timer_claimants (
    claimant_id uuid not null primary key,
    renewals bigint not null
);

-- Conversations that were snoozed before there were timers.
insert into timers (tenant_id, kind, id, due_at_ms, generation, payload)
select tenant_id, 'snooze', replace(conversation_id::text, '-', ''), (state::json ->> 'snoozed_until')::bigint, last_seq, '{}'
from conversations where status = 'snoozed' and state::json ->> 'snoozed_until' is not null;

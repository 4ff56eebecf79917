-- Numbers the changes of each tenant's conversations in the order in which they are committed, so that a reader who has seen
-- everything up to a number goes on from there. There is one writer, so the order of writing is that of commits.
create table changes (
    tenant_id blob primary key,
    -- The last number given.
    number integer not null
) strict, without rowid;

-- The number of the last change; 0 for conversations that did not change since there are numbers.
alter table conversations add column changed integer not null default 0;

create index conversations_by_change on conversations (tenant_id, changed, conversation_id) where changed > 0;

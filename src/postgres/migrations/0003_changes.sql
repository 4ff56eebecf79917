-- Numbers the changes of each tenant's conversations in the order in which they are committed, so that a reader who has seen
-- everything up to a number goes on from there.
create table changes (
    tenant_id uuid primary key,
    -- The last number given. It is raised by the last statement before the commit: whoever comes next waits at this row
    -- until then, so no number becomes visible before a smaller one. One row for each tenant: tenants do not wait for one
    -- another, and none can tell from its numbers how busy the others are.
    number bigint not null
);

-- The number of the last change; 0 for conversations that did not change since there are numbers.
alter table conversations add column changed bigint not null default 0;

create index conversations_by_change on conversations (tenant_id, changed, conversation_id) where changed > 0;

-- Workers of the version before, which may still run while the desk is upgraded, know nothing of numbers. A later migration
-- drops this, once nobody upgrades from that version any more.
create function number_the_change() returns trigger language plpgsql as $$
begin
    insert into changes (tenant_id, number) values (new.tenant_id, 1)
    on conflict (tenant_id) do update set number = changes.number + 1
    returning number into new.changed;
    return new;
end
$$;

create trigger number_the_change before update on conversations for each row
when (new.changed = old.changed and new.last_seq <> old.last_seq) execute function number_the_change();

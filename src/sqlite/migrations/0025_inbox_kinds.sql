-- Inboxes have a kind (an open list of words) and can be disabled: then they take no new conversations.
alter table inboxes add column kind text not null default 'web';
alter table inboxes add column active integer not null default 1 check (active in (0, 1));

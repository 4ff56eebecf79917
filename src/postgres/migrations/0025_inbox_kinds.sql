-- Inboxes have a kind (an open list of words) and can be disabled: then they take no new conversations.
alter table inboxes add column kind text collate "C" not null default 'web';
alter table inboxes add column active boolean not null default true;

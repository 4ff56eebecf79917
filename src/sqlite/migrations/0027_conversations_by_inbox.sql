-- Lists of one inbox, and of agents who see some inboxes only.
create index conversations_by_inbox on conversations (tenant_id, inbox_id, status, last_at_ms, conversation_id);

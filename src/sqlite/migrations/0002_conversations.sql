-- Folded from the entries, in the same transaction. The columns after `log_seq` repeat what lists need of `state`.
create table conversations (
    tenant_id blob not null,
    conversation_id blob not null,
    state text not null,
    -- Where the last entry lies in the log.
    log_seq integer not null,
    last_seq integer not null,
    last_at_ms integer not null,
    status text not null,
    assignee_id blob,
    -- These three are null until the conversation was opened.
    inbox_id blob,
    contact_id blob,
    opened_at_ms integer,
    primary key (tenant_id, conversation_id)
) strict;

create index conversations_by_age on conversations (tenant_id, last_at_ms, conversation_id);
create index conversations_by_status on conversations (tenant_id, status, last_at_ms, conversation_id);
create index conversations_by_holder on conversations (tenant_id, assignee_id, last_at_ms, conversation_id)
    where assignee_id is not null;
create index conversations_unheld on conversations (tenant_id, status, last_at_ms, conversation_id)
    where assignee_id is null;
create index conversations_by_contact on conversations (tenant_id, contact_id, opened_at_ms, conversation_id);

-- The history. Rows are only ever added.
create table entries (
    tenant_id blob not null,
    conversation_id blob not null,
    seq integer not null check (seq > 0),
    prev_public integer not null,
    public integer not null check (public in (0, 1)),
    at_ms integer not null,
    sender_kind text not null check (sender_kind in ('contact', 'agent')),
    sender_id blob not null,
    author_name text not null,
    -- The sender's own name for the request that caused the entry, and the digest of what it asked.
    client_id blob not null,
    digest blob not null,
    kind text not null,
    -- The event as JSON.
    event text not null,
    -- SHA-256 of the entry as logged.
    content_hash blob not null check (length(content_hash) = 32),
    primary key (tenant_id, conversation_id, seq),
    unique (tenant_id, conversation_id, sender_kind, sender_id, client_id)
) strict;

-- How far each member has come. May be ahead of the entries.
create table receipts (
    tenant_id blob not null,
    conversation_id blob not null,
    member_kind text not null check (member_kind in ('contact', 'agent')),
    member_id blob not null,
    delivered integer not null,
    read integer not null check (read <= delivered),
    primary key (tenant_id, conversation_id, member_kind, member_id)
) strict, without rowid;

-- Folded from the entries, in the same transaction. The columns after `log_seq` repeat what lists need of `state`. A row with
-- `last_seq` 0 is one that a worker made to lock it, and stands for no conversation yet.
create table conversations (
    tenant_id uuid not null,
    conversation_id uuid not null,
    -- JSON, kept as it was written: `jsonb` would refuse some texts and change some numbers.
    state text not null,
    -- Where the last entry lies in the log.
    log_seq bigint not null,
    last_seq bigint not null,
    last_at_ms bigint not null,
    status text collate "C" not null,
    assignee_id uuid,
    -- These three are null until the conversation was opened.
    inbox_id uuid,
    contact_id uuid,
    opened_at_ms bigint,
    primary key (tenant_id, conversation_id)
);

create index conversations_by_age on conversations (tenant_id, last_at_ms, conversation_id);
create index conversations_by_status on conversations (tenant_id, status, last_at_ms, conversation_id);
create index conversations_by_holder on conversations (tenant_id, assignee_id, last_at_ms, conversation_id)
    where assignee_id is not null;
create index conversations_unheld on conversations (tenant_id, status, last_at_ms, conversation_id)
    where assignee_id is null;
create index conversations_by_contact on conversations (tenant_id, contact_id, opened_at_ms, conversation_id);

-- The history. Rows are only ever added.
create table entries (
    tenant_id uuid not null,
    conversation_id uuid not null,
    seq bigint not null check (seq > 0),
    prev_public bigint not null,
    public boolean not null,
    at_ms bigint not null,
    sender_kind text collate "C" not null check (sender_kind in ('contact', 'agent')),
    sender_id uuid not null,
    author_name text not null,
    -- The sender's own name for the request that caused the entry, and the digest of what it asked.
    client_id uuid not null,
    digest uuid not null,
    kind text not null,
    -- The event as JSON, kept as it was written.
    event text not null,
    -- SHA-256 of the entry as logged.
    content_hash bytea not null check (length(content_hash) = 32),
    primary key (tenant_id, conversation_id, seq),
    unique (tenant_id, conversation_id, sender_kind, sender_id, client_id)
);

-- How far each member has come. May be ahead of the entries.
create table receipts (
    tenant_id uuid not null,
    conversation_id uuid not null,
    member_kind text collate "C" not null check (member_kind in ('contact', 'agent')),
    member_id uuid not null,
    delivered bigint not null,
    read bigint not null check (read <= delivered),
    primary key (tenant_id, conversation_id, member_kind, member_id)
);

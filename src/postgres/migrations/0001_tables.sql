-- Moments are milliseconds since 1970 (UTC). Names sort by their bytes (collation "C"), the same on every machine.
--
-- No foreign keys lead from entries and conversations: what workers write is what was logged, and the log does not wait for
-- the directory.

-- What this database is: one row.
create table meta (
    singleton boolean primary key default true check (singleton),
    -- Made once. A restore from a backup must set a new one, so that clients drop what they have seen since.
    epoch text not null
);

insert into meta (epoch) values (gen_random_uuid()::text);

create table tenants (
    tenant_id uuid primary key,
    name text not null,
    created_at_ms bigint not null
);

create table inboxes (
    inbox_id uuid primary key,
    tenant_id uuid not null,
    name text collate "C" not null,
    greeting text not null,
    -- A JSON array of texts.
    origins text not null,
    created_at_ms bigint not null
);

create index inboxes_by_name on inboxes (tenant_id, name, inbox_id);

create table agents (
    tenant_id uuid not null,
    agent_id uuid not null,
    email text collate "C" not null unique,
    name text collate "C" not null,
    role text not null,
    active boolean not null,
    password_hash text not null,
    created_at_ms bigint not null,
    primary key (tenant_id, agent_id)
);

create table contacts (
    tenant_id uuid not null,
    contact_id uuid not null,
    inbox_id uuid not null,
    name text not null,
    email text not null,
    -- Name and address in lower case, for searches.
    search text collate "C" not null,
    created_at_ms bigint not null,
    primary key (tenant_id, contact_id)
);

create index contacts_by_age on contacts (tenant_id, created_at_ms, contact_id);

create table logins (
    login_id uuid primary key,
    tenant_id uuid not null,
    agent_id uuid not null,
    -- SHA-256 of the refresh token that is good now, and of the one before it.
    token_hash bytea not null check (length(token_hash) = 32),
    previous_hash bytea check (length(previous_hash) = 32),
    expires_at_ms bigint not null,
    revoked boolean not null
);

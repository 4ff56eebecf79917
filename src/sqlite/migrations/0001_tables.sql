-- Ids are the 16 bytes of a UUID, moments are milliseconds since 1970 (UTC), booleans are 0 and 1.
--
-- No foreign keys lead from entries and conversations: what workers write is what was logged, and the log does not wait for
-- the directory.

-- What this database is: one row.
create table meta (
    singleton integer primary key check (singleton = 1),
    -- Made once. A restore from a backup must set a new one, so that clients drop what they have seen since.
    epoch text not null
) strict;

insert into meta (singleton, epoch) values (1, lower(hex(randomblob(16))));

create table tenants (
    tenant_id blob primary key,
    name text not null,
    created_at_ms integer not null
) strict, without rowid;

create table inboxes (
    inbox_id blob primary key,
    tenant_id blob not null,
    name text not null,
    greeting text not null,
    -- A JSON array of texts.
    origins text not null,
    created_at_ms integer not null
) strict, without rowid;

create index inboxes_by_name on inboxes (tenant_id, name, inbox_id);

create table agents (
    tenant_id blob not null,
    agent_id blob not null,
    email text not null unique,
    name text not null,
    role text not null,
    active integer not null check (active in (0, 1)),
    password_hash text not null,
    created_at_ms integer not null,
    primary key (tenant_id, agent_id)
) strict, without rowid;

create table contacts (
    tenant_id blob not null,
    contact_id blob not null,
    inbox_id blob not null,
    name text not null,
    email text not null,
    -- Name and address in lower case, for searches.
    search text not null,
    created_at_ms integer not null,
    primary key (tenant_id, contact_id)
) strict, without rowid;

create index contacts_by_age on contacts (tenant_id, created_at_ms, contact_id);

create table logins (
    login_id blob primary key,
    tenant_id blob not null,
    agent_id blob not null,
    -- SHA-256 of the refresh token that is good now, and of the one before it.
    token_hash blob not null check (length(token_hash) = 32),
    previous_hash blob check (length(previous_hash) = 32),
    expires_at_ms integer not null,
    revoked integer not null check (revoked in (0, 1))
) strict, without rowid;

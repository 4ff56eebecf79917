-- What tenants set up once and refer to by name: teams, skills, the skills of agents, calendars. Of each kind a tenant has few.
create table definitions (
    tenant_id uuid not null,
    -- An open list of words.
    kind text collate "C" not null,
    definition_id uuid not null,
    -- Repeats the name in the body, which is unique.
    name text collate "C" not null,
    -- JSON, kept as it was written.
    body text not null,
    -- 1 when it was created, one more with each change.
    version bigint not null default 1,
    primary key (tenant_id, kind, definition_id),
    unique (tenant_id, kind, name)
);

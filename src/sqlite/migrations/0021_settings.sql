-- What tenants set, for the whole tenant, an inbox or a team. Each change adds a version; the one with the highest number holds.
create table settings_versions (
    tenant_id blob not null,
    -- 'tenant', 'inbox' or 'team'.
    scope_kind text not null,
    -- The id of the tenant, inbox or team.
    scope_id blob not null,
    version integer not null,
    at_ms integer not null,
    actor_kind text not null,
    actor_id text not null,
    -- A JSON object: sections with the fields that are set.
    document text not null,
    -- The version whose content this one repeats, when it was written to go back to that one.
    restored_from integer,
    primary key (tenant_id, scope_kind, scope_id, version)
) strict, without rowid;

-- Roles that tenants made, besides the built-in ones. `agents.role` holds the name of a built-in role or a `role_id`.
create table roles (
    tenant_id blob not null,
    -- A UUID in its hyphenated form.
    role_id text not null,
    name text not null,
    -- A JSON array of {permission, scope}.
    grants text not null,
    primary key (tenant_id, role_id),
    unique (tenant_id, name)
) strict, without rowid;

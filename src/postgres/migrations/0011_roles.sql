-- Roles that tenants made, besides the built-in ones. `agents.role` holds the name of a built-in role or a `role_id`.
create table roles (
    tenant_id uuid not null,
    -- A UUID in its hyphenated form.
    role_id text collate "C" not null,
    name text collate "C" not null,
    -- A JSON array of {permission, scope}, kept as it was written.
    grants text not null,
    primary key (tenant_id, role_id),
    unique (tenant_id, name)
);

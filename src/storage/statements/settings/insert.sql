insert into settings_versions (tenant_id, scope_kind, scope_id, version, at_ms, actor_kind, actor_id,
    document, restored_from)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)

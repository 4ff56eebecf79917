select version, at_ms, actor_kind, actor_id, document, restored_from from settings_versions
where tenant_id = $1 and scope_kind = $2 and scope_id = $3 and version < $4
order by version desc limit $5

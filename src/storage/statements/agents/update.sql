update agents
set email = $3, name = $4, role = $5, active = $6, password_hash = coalesce($7, password_hash),
    version = version + 1
where tenant_id = $1 and agent_id = $2 and version = $8
returning version

insert into agents (tenant_id, agent_id, email, name, role, active, password_hash, created_at_ms)
values ($1, $2, $3, $4, $5, $6, $7, $8)

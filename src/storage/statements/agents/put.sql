insert into agents (tenant_id, agent_id, email, name, role, active, password_hash, created_at_ms)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant_id, agent_id) do update
set email = excluded.email, name = excluded.name, role = excluded.role, active = excluded.active,
    password_hash = excluded.password_hash, created_at_ms = excluded.created_at_ms,
    version = agents.version + 1

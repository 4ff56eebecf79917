insert into logins (login_id, tenant_id, agent_id, token_hash, expires_at_ms, revoked)
values ($1, $2, $3, $4, $5, $6)

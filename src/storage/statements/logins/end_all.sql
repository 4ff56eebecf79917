update logins set revoked = true
where tenant_id = $1 and agent_id = $2 and login_id is distinct from $3 and not revoked and expires_at_ms > $4
returning login_id as "login_id: uuid::Uuid"

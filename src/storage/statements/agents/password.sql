select password_hash from agents where tenant_id = $1 and agent_id = $2

select tenant_id as "tenant_id: uuid::Uuid", agent_id as "agent_id: uuid::Uuid", email, name, role,
    active as "active: bool", created_at_ms, password_hash
from agents where email = $1

select tenant_id as "tenant_id: uuid::Uuid", agent_id as "agent_id: uuid::Uuid", email, name, role,
    active as "active: bool", created_at_ms
from agents where tenant_id = $1 and agent_id = $2

select inbox_id as "inbox_id: uuid::Uuid", tenant_id as "tenant_id: uuid::Uuid", kind,
    active as "active: bool", name, greeting, origins, created_at_ms
from inboxes where inbox_id = $1

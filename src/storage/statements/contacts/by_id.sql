select tenant_id as "tenant_id: uuid::Uuid", contact_id as "contact_id: uuid::Uuid",
    inbox_id as "inbox_id: uuid::Uuid", name, email, created_at_ms
from contacts where tenant_id = $1 and contact_id = $2

select tenant_id as "tenant_id: uuid::Uuid", contact_id as "contact_id: uuid::Uuid",
    inbox_id as "inbox_id: uuid::Uuid", name, email, created_at_ms
from contacts where (tenant_id, contact_id) in (
    select tenant_id, contact_id from channel_addresses where tenant_id = $1 and inbox_id = $2 and address = $3)

select tenant_id as "tenant_id: uuid::Uuid", name, created_at_ms from tenants
order by created_at_ms, tenant_id

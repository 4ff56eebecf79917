select tenant_id as "tenant_id: uuid::Uuid", number, hash from audit_heads order by tenant_id

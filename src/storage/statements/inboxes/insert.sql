insert into inboxes (inbox_id, tenant_id, kind, active, name, greeting, origins, created_at_ms)
values ($1, $2, $3, $4, $5, $6, $7, $8)

select tenant_id as "tenant_id: uuid::Uuid", kind, id, due_at_ms, generation, payload from timers
where tenant_id = $1 and kind = $2 and id = $3

insert into audit (tenant_id, number, at_ms, actor_kind, actor_id, act, object_kind, object_id, changes,
    previous, hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

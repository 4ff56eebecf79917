insert into outbox (event_id, tenant_id, aggregate_kind, aggregate_id, number, kind, at_ms, actor_kind, actor_id,
    data)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

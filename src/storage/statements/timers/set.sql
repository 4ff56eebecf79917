insert into timers (tenant_id, kind, id, due_at_ms, generation, payload) values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, kind, id) do update
set due_at_ms = excluded.due_at_ms, generation = excluded.generation, payload = excluded.payload,
    claimed_by = null
where timers.generation < excluded.generation

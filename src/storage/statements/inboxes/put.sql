insert into inboxes (inbox_id, tenant_id, kind, active, name, greeting, origins, created_at_ms)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (inbox_id) do update
set kind = excluded.kind, active = excluded.active, name = excluded.name, greeting = excluded.greeting,
    origins = excluded.origins, created_at_ms = excluded.created_at_ms, version = inboxes.version + 1
where inboxes.tenant_id = excluded.tenant_id

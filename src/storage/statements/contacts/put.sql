insert into contacts (tenant_id, contact_id, inbox_id, name, email, search, created_at_ms)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant_id, contact_id) do update
set inbox_id = excluded.inbox_id, name = excluded.name, email = excluded.email, search = excluded.search,
    created_at_ms = excluded.created_at_ms

insert into contacts (tenant_id, contact_id, inbox_id, name, email, search, created_at_ms)
select tenant_id, contact_id, inbox_id, $4, $5, $6, $7 from channel_addresses
where tenant_id = $1 and inbox_id = $2 and address = $3
on conflict (tenant_id, contact_id) do nothing

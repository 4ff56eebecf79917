insert into channel_addresses (tenant_id, inbox_id, address, contact_id) values ($1, $2, $3, $4)
on conflict (tenant_id, inbox_id, address) do nothing

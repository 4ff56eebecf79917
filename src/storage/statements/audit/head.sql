insert into audit_heads (tenant_id, number, hash) values ($1, 0, $2)
on conflict (tenant_id) do update set number = audit_heads.number
returning number, hash

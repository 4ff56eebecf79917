insert into ledgers (tenant_id, last_check) values ($1, $2)
on conflict (tenant_id) do update set last_check = excluded.last_check

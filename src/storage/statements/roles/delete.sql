delete from roles where tenant_id = $1 and role_id = $2
    and not exists (select 1 from agents where tenant_id = $1 and role = $2)

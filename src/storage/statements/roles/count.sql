select count(*) as "count!: i64" from roles where tenant_id = $1 and role_id = $2

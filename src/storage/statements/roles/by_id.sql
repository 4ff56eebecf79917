select role_id from roles where tenant_id = $1 and role_id = $2

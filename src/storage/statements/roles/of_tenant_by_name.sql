select role_id, name, grants, version from roles where tenant_id = $1 order by name

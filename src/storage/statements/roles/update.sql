update roles set name = $1, grants = $2, version = version + 1
where tenant_id = $3 and role_id = $4 and version = $5

select number from changes where tenant_id = $1

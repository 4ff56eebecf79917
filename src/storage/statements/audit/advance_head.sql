update audit_heads set number = $2, hash = $3 where tenant_id = $1

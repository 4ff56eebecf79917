insert into definitions (tenant_id, kind, definition_id, name, body) values ($1, $2, $3, $4, $5)

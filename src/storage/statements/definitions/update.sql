update definitions set name = $4, body = $5, version = version + 1
where tenant_id = $1 and kind = $2 and definition_id = $3 and version = $6
returning version

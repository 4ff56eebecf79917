update inboxes set active = $3, name = $4, greeting = $5, origins = $6, version = version + 1
where tenant_id = $1 and inbox_id = $2 and version = $7
returning version

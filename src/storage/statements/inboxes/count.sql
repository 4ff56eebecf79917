select count(*) as "count!: i64" from inboxes where tenant_id = $1

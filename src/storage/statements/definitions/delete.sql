delete from definitions where tenant_id = $1 and kind = $2 and definition_id = $3

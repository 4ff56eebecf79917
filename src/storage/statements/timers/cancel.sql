delete from timers where tenant_id = $1 and kind = $2 and id = $3 and generation <= $4

delete from outbox where position in (
    select position from outbox where published_at_ms < $1 order by published_at_ms limit $2)

select count(*) as "waiting!: i64", min(at_ms) as "oldest: i64" from outbox where published_at_ms is null

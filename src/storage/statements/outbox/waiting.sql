select position as "position!: i64", event_id as "event_id: uuid::Uuid", outbox.tenant_id as "tenant_id: uuid::Uuid",
    outbox.aggregate_kind, outbox.aggregate_id as "aggregate_id: uuid::Uuid", outbox.number, kind, at_ms,
    actor_kind, actor_id, data, coalesce(stream_seq, 0) as "last_seq!: i64"
from outbox left join outbox_progress using (tenant_id, aggregate_kind, aggregate_id)
where published_at_ms is null order by position limit $1

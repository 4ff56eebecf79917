select tenant_id as "tenant_id: uuid::Uuid", number, at_ms, actor_kind, actor_id, act, object_kind, object_id, changes,
    previous, hash
from audit where tenant_id = $1 and number > $2 order by number limit $3

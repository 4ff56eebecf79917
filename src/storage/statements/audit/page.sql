select tenant_id as "tenant_id: uuid::Uuid", number, at_ms, actor_kind, actor_id, act, object_kind, object_id, changes,
    previous, hash
from audit
where tenant_id = $1 and number < $2
    and (cast($3 as text) is null or actor_kind = $3) and (cast($4 as text) is null or actor_id = $4)
    and (cast($5 as text) is null or act = $5) and (cast($6 as text) is null or object_kind = $6)
    and (cast($7 as text) is null or object_id = $7)
    and (cast($8 as bigint) is null or at_ms >= $8) and (cast($9 as bigint) is null or at_ms < $9)
order by number desc limit $10

select seq, prev_public, public as "public: bool", at_ms, sender_kind, sender_id as "sender_id: uuid::Uuid",
    author_name, client_id as "client_id: uuid::Uuid", digest as "digest: uuid::Uuid", kind, event, newer, content_hash
from entries where tenant_id = $1 and conversation_id = $2 and seq > $3 order by seq limit $4

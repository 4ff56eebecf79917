select member_kind, member_id as "member_id: uuid::Uuid", delivered, read from receipts
where tenant_id = $1 and conversation_id = $2

select repaired_entries, repaired_acknowledgements, repaired_at_ms, last_check from ledgers where tenant_id = $1

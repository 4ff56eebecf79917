insert into ledgers (tenant_id, repaired_entries, repaired_acknowledgements, repaired_at_ms)
values ($1, $2, $3, $4)
on conflict (tenant_id) do update
set repaired_entries = ledgers.repaired_entries + excluded.repaired_entries,
    repaired_acknowledgements = ledgers.repaired_acknowledgements + excluded.repaired_acknowledgements,
    repaired_at_ms = excluded.repaired_at_ms

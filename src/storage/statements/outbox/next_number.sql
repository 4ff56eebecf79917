insert into outbox_numbers (tenant_id, aggregate_kind, aggregate_id, number) values ($1, $2, $3, 1)
on conflict (tenant_id, aggregate_kind, aggregate_id) do update set number = outbox_numbers.number + 1
returning number

update agents set away = $3 where tenant_id = $1 and agent_id = $2 and away <> $3

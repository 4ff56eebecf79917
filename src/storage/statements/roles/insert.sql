insert into roles (tenant_id, role_id, name, grants) values ($1, $2, $3, $4)

update logins set revoked = true where tenant_id = $1 and login_id = $2

update logins set token_hash = $1, previous_hash = $2, expires_at_ms = $3, revoked = $4 where login_id = $5

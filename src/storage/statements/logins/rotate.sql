update logins
set token_hash = $1, previous_hash = $2, family_hash = $3, renewal_salt = $4, expires_at_ms = $5, revoked = $6
where login_id = $7

delete from timer_claimants where claimant_id = $1 and renewals = coalesce($2, renewals)

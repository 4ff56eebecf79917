update timer_claimants set renewals = renewals + 1 where claimant_id = $1

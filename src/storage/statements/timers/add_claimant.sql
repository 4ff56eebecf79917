insert into timer_claimants (claimant_id, renewals) values ($1, 1)
on conflict (claimant_id) do update set renewals = timer_claimants.renewals + 1

update outbox_lease set holder = $1, renewals = renewals + 1 where holder is null or holder = $1
returning renewals

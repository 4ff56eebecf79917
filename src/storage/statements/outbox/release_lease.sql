update outbox_lease set holder = null, renewals = renewals + 1 where holder = $1

update outbox_lease set holder = $1, renewals = renewals + 1
where renewals = $2 and holder is not distinct from $3

update timers set claimed_by = null where claimed_by = $1

select holder as "holder: uuid::Uuid", renewals from outbox_lease

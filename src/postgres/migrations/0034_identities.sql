-- A contact is one person for the site of its inbox: of the addresses by which sites prove their visitors, a contact has one at most.
create unique index one_identity_of_a_contact on channel_addresses (tenant_id, contact_id) where left(address, 9) = 'identity:';

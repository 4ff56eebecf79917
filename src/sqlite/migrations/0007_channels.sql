-- Who writes from which address of a channel. An address means somebody in one inbox only. Written once, when the address is met;
-- the contact is looked up through it, so that two addresses can become one contact later.
create table channel_addresses (
    tenant_id blob not null,
    inbox_id blob not null,
    address text not null,
    contact_id blob not null,
    primary key (tenant_id, inbox_id, address)
) strict, without rowid;

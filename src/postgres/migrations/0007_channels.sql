-- Who writes from which address of a channel. An address means somebody in one inbox only. Written once, when the address is met;
-- the contact is looked up through it, so that two addresses can become one contact later.
create table channel_addresses (
    tenant_id uuid not null,
    inbox_id uuid not null,
    address text collate "C" not null,
    contact_id uuid not null,
    primary key (tenant_id, inbox_id, address)
);

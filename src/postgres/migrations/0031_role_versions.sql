-- How often a role was changed: 1 when it was made. A change names the version that was read.
alter table roles add column version bigint not null default 1;

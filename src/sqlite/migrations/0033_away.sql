-- Whether the agent chose to be away. It holds in every console until the agent chooses otherwise.
alter table agents add column away integer not null default 0 check (away in (0, 1));

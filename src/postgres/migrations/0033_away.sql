-- Whether the agent chose to be away. It holds in every console until the agent chooses otherwise.
alter table agents add column away boolean not null default false;

-- Which desk this is: made once, and kept over a restore, which changes the epoch. The broker's streams say whose they are by it. The
-- epoch is where it comes from, so that a backup from before this step gets the same one again.
alter table meta add column desk text not null default '';
update meta set desk = epoch;

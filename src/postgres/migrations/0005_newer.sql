-- What a newer version put into an entry besides its event: JSON, kept as it was written, and null when there is nothing. Such a
-- version adds columns for what it knows; an older one that runs beside it or after it loses nothing.
alter table entries add column newer text;

-- Whoever takes part in a conversation may write in it: besides contacts and agents also bots, parts of the server and
-- integrations, and kinds of later versions.
alter table entries drop constraint entries_sender_kind_check;
alter table receipts drop constraint receipts_member_kind_check;

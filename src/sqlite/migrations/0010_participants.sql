-- Besides contacts and agents also bots, parts of the server and integrations take part in conversations, and kinds of later
-- versions.
--
-- SQLite cannot drop a check. Nothing that is stored depends on it, so the text of the tables is changed instead of writing all
-- their rows again, as https://www.sqlite.org/lang_altertable.html#otheralter recommends for this case. A table that is made and
-- dropped raises the schema's version, so that every connection reads the tables anew.
pragma writable_schema = on;
update sqlite_schema set sql = replace(sql, ' check (sender_kind in (''contact'', ''agent''))', '')
    where type = 'table' and name = 'entries';
update sqlite_schema set sql = replace(sql, ' check (member_kind in (''contact'', ''agent''))', '')
    where type = 'table' and name = 'receipts';
create table schema_version_step (one integer) strict;
drop table schema_version_step;
pragma writable_schema = reset;

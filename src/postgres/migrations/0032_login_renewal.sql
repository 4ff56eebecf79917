-- With the token that was exchanged last, a renewal whose answer was lost is answered again: the next token is computed from that
-- token and the salt. The family is what all tokens of a log-in share, so that every older one is known as used.
alter table logins
    add column family_hash bytea check (octet_length(family_hash) = 32),
    add column renewal_salt bytea check (octet_length(renewal_salt) = 32);

-- A new password, or the end of an agent's right to sign in, ends all of its log-ins.
create index logins_of_agent on logins (tenant_id, agent_id) where not revoked;

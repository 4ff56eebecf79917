//! The REST interface, the handshakes of sockets and the pages, against a database in memory.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod access;
mod audit;
mod calendars;
mod commands;
mod dead_letters;
mod described;
mod handshakes;
mod identities;
mod inboxes;
mod inputs;
mod ledger;
mod limits;
mod logins;
mod pages;
mod people;
mod reading;
mod roles;
mod scopes;
mod settings;
mod stubs;
mod teams;
mod tokens;
mod widget;
mod world;

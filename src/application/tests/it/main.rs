//! Use cases on real databases.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod desk;
mod events;
mod logins;
mod owners;
mod server;
mod trail;

//! Use cases on real databases.

mod owners;
mod server;
mod trail;

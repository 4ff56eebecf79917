//! The store on a real Postgres, which this binary starts and ends.

mod changes;
mod contract;
mod outbox;
mod plans;
mod pooler;
mod proxy;
mod records;
mod server;
mod support;

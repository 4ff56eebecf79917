//! The store on a real Postgres, which this binary starts and ends.

mod changes;
mod contract;
mod proxy;
mod server;
mod support;

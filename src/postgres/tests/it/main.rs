//! The store on a real Postgres, which this binary starts and ends.

mod contract;
mod server;
mod support;

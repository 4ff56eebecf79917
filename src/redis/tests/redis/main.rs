//! On a real Redis, which each test starts for itself.

mod contract;
mod faults;
mod server;

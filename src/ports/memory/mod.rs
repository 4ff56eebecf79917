//! Implementations of the ports that need no server: for tests, and some for a single node.

pub mod log;

pub use log::{AppendFault, MemoryLog};

//! Implementations of the ports that need no server: for tests, and some for a single node.

mod audit;
mod directory;
pub mod log;
pub mod presence;
mod roles;
mod store;
#[cfg(test)]
mod tests;
mod timers;
mod transaction;

pub use log::{AppendFault, MemoryLog};
pub use presence::MemoryPresence;
pub use store::MemoryStore;

//! Implementations of the ports that need no server: for tests, and some for a single node.

mod directory;
pub mod log;
mod store;
pub mod presence;

pub use log::{AppendFault, MemoryLog};
pub use store::MemoryStore;
pub use presence::MemoryPresence;

//! Implementations of the ports that need no server: for tests, and some for a single node.

pub mod event_stream;
mod inbox_rules;
pub mod log;
mod notices;
pub mod presence;
mod store;
#[cfg(test)]
mod tests;

pub use event_stream::{MemoryEventStream, PublishFault};
pub use inbox_rules::MemoryInboxRules;
pub use log::{AppendFault, MemoryLog, parse_subject};
pub use notices::MemoryNotices;
pub use presence::MemoryPresence;
pub use store::MemoryStore;

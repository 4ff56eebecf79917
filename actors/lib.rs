//! Session, agent and conversation actors: thin shells that take a message, ask the rules, publish to the log, fold what was
//! logged in, and fan it out.
//!
//! Any of them may be killed at any moment: what counts is in the log, and the next one is rebuilt from it. The crate reaches
//! the outside through `ports` only. It refuses to decide anything: rules live in `domain`.

pub mod admission;
pub mod agent;
mod barrier;
pub mod bridge;
pub mod conversation;
pub mod desk;
mod jitter;
pub mod listener;
mod mailbox;
pub mod node;
pub mod session;
pub mod shard;
mod trace;
pub mod transport;

pub use bridge::BridgeCommands;
pub use desk::Desk;
pub use node::Node;
pub use session::OpenSessions;
pub use transport::{UpgradeRequest, upgrade};

//! Session, agent and conversation actors: thin shells that take a message, ask the rules, publish to the log, fold
//! what was logged in, and fan it out.
//!
//! Any of them may be killed at any moment: what counts is in the log, and the next one is rebuilt from it. The crate
//! reaches the outside through `ports` only. It refuses to decide anything: rules live in `domain`.

pub mod admission;
pub mod agent;
pub mod conversation;
pub mod host;
pub mod listener;
pub mod node;
pub mod ports;
pub mod runtime;
pub mod session;
pub mod transport;

pub use host::{BridgeCommands, Host};
pub use node::Node;
pub use ports::{HostPorts, SessionPorts};
pub use session::OpenSessions;
pub use transport::{UpgradeRequest, upgrade};

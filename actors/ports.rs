//! The ports and settings that the actors of a process share.

mod host;
mod session;

pub use host::HostPorts;
pub use session::SessionPorts;

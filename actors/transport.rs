//! What carries a session's frames: two kinds of sockets, which a session cannot tell apart.
//!
//! - `direct`: an actor that owns the connection, taken over from the web framework after the handshake. A tenth of the
//!   memory.
//! - `actix`: the web framework's own sockets, on any connection that the framework serves.
//!
//! Sockets know sessions, sessions do not know sockets.

mod actix;
mod direct;
mod rules;
mod takeover;
mod upgrade;
mod upgrade_request;

#[cfg(test)]
pub(crate) use direct::DirectSocket;
pub(crate) use takeover::{GrantedUpgrade, PendingUpgrade};

pub use upgrade::upgrade;
pub use upgrade_request::UpgradeRequest;

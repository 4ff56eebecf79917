//! The log on NATS JetStream: subjects, topology, publisher, consumers, supervisor of a local server.
//!
//! [`NatsLog`] implements the ports `Log`, `Feed`, `DeadLetters` and `Trim` and hands out work queues. It refuses to use a
//! broker whose streams are not exactly as they should be, and never changes one that differs. Only the binary may depend
//! on this crate; everything else knows the ports.

mod acks;
mod append;
mod beats;
mod dead;
pub mod error;
mod feed;
mod given_up;
mod interruptions;
mod jitter;
mod ledger;
mod link;
mod live;
mod log;
pub mod options;
mod payload;
#[cfg(feature = "planted-faults")]
mod planted;
pub mod principal;
mod read;
mod signals;
mod stored;
pub mod subjects;
mod subscription;
pub mod supervisor;
pub mod topology;
mod trim;
mod work;

pub use error::SetupError;
pub use log::NatsLog;
pub use options::NatsOptions;
pub use principal::{Principal, PrincipalKind};
pub use subjects::{ParkedSubject, Subjects, Token};
pub use topology::{Queue, Topology};

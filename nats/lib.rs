//! The log on NATS JetStream, and a supervisor for a local `nats-server`.
//!
//! [`NatsLog`] implements the broker's ports and hands out work queues. It refuses a broker whose streams differ from
//! the wanted ones, and never changes a stream that differs. Only the binary may depend on this crate; all other crates
//! use the ports.
//!
//! | folder | content |
//! | --- | --- |
//! | `subjects`, `topology`, `principals` | subjects, streams and consumers, accounts of bridges and integrators, as data |
//! | `setup` | creates missing streams and consumers, compares those that exist |
//! | `client` | connection, publish, read, subscribe; knows no port |
//! | `log` | append, read, live records, acknowledgements, signals, liveness of subscriptions, the agents' feed, change notices |
//! | `events` | the stream of events that the relay publishes |
//! | `queues` | work queues, trimming, dead letters |
//! | `nats_log` | [`NatsLog`]: the ports, each implemented by `log` or `queues` |
//! | `supervisor` | the local server; knows nothing of the log |

mod client;
pub mod error;
mod events;
#[cfg(feature = "planted-faults")]
mod failpoints;
mod local_user;
mod log;
mod nats_log;
pub mod options;
pub mod principals;
mod queues;
mod setup;
pub mod subjects;
pub mod supervisor;
pub mod topology;
mod version;

pub use error::SetupError;
pub use local_user::LocalUser;
pub use nats_log::NatsLog;
pub use options::NatsOptions;
pub use principals::{Principal, PrincipalKind};
pub use subjects::{DeadLetterSubject, Subjects, Token};
pub use topology::{Queue, Topology};

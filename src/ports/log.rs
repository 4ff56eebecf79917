//! The durable message log, the ack stream, and what nodes tell one another live; each with a port of its own.

mod acks;
mod liveness;
mod messages;
mod signals;

use futures_util::stream::BoxStream;

pub use acks::{AckRecord, Acks};
pub use liveness::{LiveChannel, Liveness};
pub use messages::{AppendError, MessageLog, Record};
pub use signals::{Signal, Signals};

/// Items received from other nodes; ends when the connection does for good.
pub type LogStream<T> = BoxStream<'static, T>;

/// All ports of the log, for what passes them on. What needs one part takes the port of that part.
pub trait Log: MessageLog + Acks + Signals + Liveness {}

impl<T: MessageLog + Acks + Signals + Liveness + ?Sized> Log for T {}

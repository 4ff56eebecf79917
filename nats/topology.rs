//! Streams and consumers as data.

mod consumers;
mod streams;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use frontdesk_config::{Queue, QueueSource};
use frontdesk_domain::Partition;

use crate::subjects::{Subjects, Token};

pub(crate) use consumers::GROUP;
pub(crate) use streams::OWNER_KEY;

/// What the broker must hold for one installation.
#[derive(Debug, Clone)]
pub struct Topology {
    /// Which desk it is, as its database says.
    pub desk: String,
    /// Subjects of this installation.
    pub subjects: Subjects,
    /// Over how many streams the 64 partitions are spread.
    pub message_streams: u16,
    /// Copies of each stream.
    pub replicas: usize,
    /// Room for each message stream, in bytes.
    pub message_stream_bytes: u64,
    /// Room for all other streams together, in bytes.
    pub other_bytes: u64,
    /// How long a delivery may stay unanswered before it is handed out again.
    pub ack_wait: Duration,
}

/// A stream of the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamName {
    /// Channel 1, the part with this number.
    Messages(u16),
    /// The stream of acknowledgements.
    Acks,
    /// What bridges bring in.
    Inbound,
    /// What bridges take out.
    Outbound,
    /// The stream of ticket events.
    Tickets,
    /// Events of what the database keeps.
    Events,
    /// Dead letters, kept until they are redelivered or dropped.
    Dead,
    /// The stream of the nodes' heartbeats, by which stale subscriptions are detected.
    Beats,
    /// The broker's notices of records that it hands out no more.
    Advisories,
}

impl Topology {
    /// The broker's name for a stream: as in the contract under the usual prefix, with the prefix in front under
    /// another, so that two installations can share a broker.
    #[must_use]
    pub fn name(&self, stream: StreamName) -> String {
        stream.under(&self.subjects)
    }

    /// The stream that holds `partition`.
    #[must_use]
    pub fn stream_of(&self, partition: Partition) -> String {
        self.name(StreamName::Messages(partition.number() % self.message_streams))
    }

    /// The streams of channel 1.
    #[must_use]
    pub fn message_stream_names(&self) -> Vec<String> {
        (0..self.message_streams).map(|number| self.name(StreamName::Messages(number))).collect()
    }

    /// Stream and consumer of each part of a queue.
    #[must_use]
    pub fn parts(&self, queue: Queue) -> Vec<(String, String)> {
        match queue.source() {
            QueueSource::Receipts => vec![(self.name(StreamName::Acks), queue.name().to_owned())],
            QueueSource::MaxDeliveryNotices => vec![(self.name(StreamName::Advisories), queue.name().to_owned())],
            QueueSource::Inbound => vec![(self.name(StreamName::Inbound), queue.name().to_owned())],
            QueueSource::Entries => (0..self.message_streams)
                .map(|number| (self.name(StreamName::Messages(number)), format!("{}-{number}", queue.name())))
                .collect(),
        }
    }
}

impl StreamName {
    /// The broker's name for it among these subjects.
    pub(crate) fn under(self, subjects: &Subjects) -> String {
        let base = match self {
            Self::Messages(number) => format!("MESSAGES-{number}"),
            Self::Acks => "ACKS".to_owned(),
            Self::Inbound => "INBOUND".to_owned(),
            Self::Outbound => "OUTBOUND".to_owned(),
            Self::Tickets => "TICKETS".to_owned(),
            Self::Events => "EVENTS".to_owned(),
            Self::Dead => "DEAD".to_owned(),
            Self::Beats => "BEATS".to_owned(),
            Self::Advisories => "ADVISORIES".to_owned(),
        };
        match subjects.prefix().as_str() {
            USUAL_PREFIX => base,
            prefix => format!("{prefix}-{base}"),
        }
    }
}

/// Whether each part of a queue is at one worker at a time. Receipts and notices may be taken in any order.
pub(crate) const fn is_pinned(queue: Queue) -> bool {
    matches!(queue.source(), QueueSource::Entries | QueueSource::Inbound)
}

/// The queue whose processed entries are in the database.
pub(crate) const PERSISTED: Queue = Queue::named("persist");

/// The prefix under which streams have the contract's names.
pub const USUAL_PREFIX: &str = "desk";

/// Largest record of channel 1, in bytes, before compression.
pub const MAX_RECORD_BYTES: usize = 256 * 1024;

impl Token {
    /// The usual first token of all subjects.
    #[must_use]
    pub fn usual_prefix() -> Self {
        Self::new(USUAL_PREFIX).expect("letters only")
    }
}

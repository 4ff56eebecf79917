//! The durable message log: channel 1 (entries), channel 2 (acknowledgements), and what is live.

use std::time::Duration;

use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, EntryAuthor, Participant, Partition};
use frontdesk_protocol::{
    Ack, AckKind, Envelope,
    socket::{Durability, PresenceState},
};
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::error::{BoxError, LogError};

/// What comes in from other nodes; ends when the connection does for good.
pub type LogStream<T> = BoxStream<'static, T>;

/// A logged envelope and where it lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its sequence in the log's stream; grows along a conversation, with holes. Not the entry's `seq`.
    pub log_seq: u64,
    /// What was logged.
    pub envelope: Envelope,
}

/// An acknowledgement on channel 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AckRecord {
    /// Of which conversation.
    pub key: ConversationKey,
    /// What is acknowledged, and by whom.
    pub kind: AckKind,
    /// How far.
    pub ack: Ack,
}

/// Something that matters only now, and is never logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "signal", rename_all = "snake_case")]
pub enum Signal {
    /// Somebody is typing, or stopped.
    Typing {
        /// Who.
        author: EntryAuthor,
        /// Whether still typing.
        active: bool,
    },
    /// Somebody who takes part in the conversation came or went.
    Presence {
        /// Who.
        member: Participant,
        /// There or not.
        state: PresenceState,
    },
}

/// Why nothing is known to have been appended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// Another record came first, or this very one is there already: catch up and decide again.
    #[error("the conversation's last record is another one")]
    Conflict,
    /// No answer in time: it may have been appended, or may still be. Catch up; appending the same again is safe.
    #[error("the log did not say whether it appended the record")]
    Unknown(#[source] BoxError),
    /// Nothing was sent: the log cannot be reached.
    #[error("the log cannot be reached")]
    Unavailable(#[source] BoxError),
    /// Refused: larger than the log takes.
    #[error("the record is too large for the log")]
    TooLarge,
    /// Refused: the log is full.
    #[error("the log is full")]
    Full,
}

/// Ways on which a node hears of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Entries, after they were stored.
    Live,
    /// Acknowledgements.
    Acks,
    /// Typing and presence.
    Signals,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Live, Self::Acks, Self::Signals];

    /// The name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Acks => "acks",
            Self::Signals => "signals",
        }
    }
}

/// The durable message log.
#[async_trait]
pub trait Log: Send + Sync {
    /// Appends `envelope` if the conversation's last record is the one at `expected` (0: it has none).
    ///
    /// Gives the record's `log_seq` once it is as durable as [`Log::durability`] says. Not cancel safe: a dropped call may
    /// still append.
    ///
    /// # Errors
    /// See [`AppendError`]; only `Unknown` leaves open whether it was appended.
    async fn append(&self, envelope: &Envelope, expected: u64) -> Result<u64, AppendError>;

    /// The conversation's last record that the log still holds, as the writer of the log knows it: never stale.
    ///
    /// # Errors
    /// [`LogError`].
    async fn last(&self, key: ConversationKey) -> Result<Option<Record>, LogError>;

    /// Up to `limit` of the conversation's records with a `log_seq` above `after`, in order.
    ///
    /// # Errors
    /// [`LogError`]; a record that cannot be read ends the list before it only if something precedes it.
    async fn read(&self, key: ConversationKey, after: u64, limit: usize) -> Result<Vec<Record>, LogError>;

    /// Every record of `partition` from now on, whoever appends it, each after it was stored.
    ///
    /// May skip records while a connection is down: readers see it by the gap in `seq`.
    ///
    /// # Errors
    /// [`LogError`].
    async fn live(&self, partition: Partition) -> Result<LogStream<Record>, LogError>;

    /// Publishes an acknowledgement on channel 2. Only the last one of a conversation and kind is kept; of `persisted` the
    /// highest, so that workers which overtake one another do not leave the lower one there.
    ///
    /// # Errors
    /// [`LogError`]: it may or may not be there. A later one makes up for it.
    async fn acknowledge(&self, record: AckRecord) -> Result<(), LogError>;

    /// The last `persisted` acknowledgement of a conversation, 0 for none (or none that is still kept).
    ///
    /// # Errors
    /// [`LogError`].
    async fn persisted(&self, key: ConversationKey) -> Result<u64, LogError>;

    /// Every acknowledgement of `partition` from now on.
    ///
    /// # Errors
    /// [`LogError`].
    async fn acks(&self, partition: Partition) -> Result<LogStream<AckRecord>, LogError>;

    /// Tells other nodes something that matters only now. Best effort, never blocks for long.
    async fn signal(&self, key: ConversationKey, signal: Signal);

    /// Every signal of `partition` from now on, one's own included.
    ///
    /// # Errors
    /// [`LogError`].
    async fn signals(&self, partition: Partition) -> Result<LogStream<(ConversationKey, Signal)>, LogError>;

    /// Counts the times that live records, acknowledgements or signals may have been missed, such as a lost connection:
    /// whoever shows live conversations catches up when it grows. The default never grows.
    fn interruptions(&self) -> tokio::sync::watch::Receiver<u64> {
        tokio::sync::watch::channel(0).1
    }

    /// Sends a heartbeat through each channel of `partition` on which nothing was heard for a while; whoever listens there hears it, and nobody is shown it.
    ///
    /// # Errors
    /// [`LogError`]: the log did not take it, so nothing can be learnt from not hearing it. The default does nothing.
    async fn beat(&self, _partition: Partition) -> Result<(), LogError> {
        Ok(())
    }

    /// A channel of `partition` that this node listens to and that stayed silent although the log took two heartbeats: its
    /// data is dead while its connection lives. The default never is.
    fn deaf(&self, _partition: Partition) -> Option<Channel> {
        None
    }

    /// What it takes to lose an appended record.
    fn durability(&self) -> Durability;

    /// How long every record stays at least, after the database holds it. Knowledge of an empty subject that is older than a
    /// quarter of this must not be appended upon: records may have come and been trimmed since.
    fn retention(&self) -> Duration;
}

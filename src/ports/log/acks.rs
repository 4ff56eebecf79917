//! Acknowledgements: how far conversations are persisted, delivered and read.

use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Partition};
use frontdesk_protocol::{Ack, AckKind};

use super::LogStream;
use crate::error::LogError;

/// An acknowledgement in the ack stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AckRecord {
    /// The conversation that is acknowledged.
    pub key: ConversationKey,
    /// What is acknowledged, and by whom.
    pub kind: AckKind,
    /// Up to which entry.
    pub ack: Ack,
}

/// The ack stream.
#[async_trait]
pub trait Acks: Send + Sync {
    /// Publishes an acknowledgement in the ack stream. Only the last one of a conversation and kind is kept; of
    /// `persisted` the highest, so that workers which overtake one another do not leave the lower one there.
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
}

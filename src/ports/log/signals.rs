//! Typing and presence, which are never logged.

use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, EntryAuthor, Participant, Partition, PresenceState};
use serde::{Deserialize, Serialize};

use super::LogStream;
use crate::error::LogError;

/// Something that matters only now, and is never logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "signal", rename_all = "snake_case")]
pub enum Signal {
    /// A participant is typing, or stopped.
    Typing {
        /// The participant who types.
        author: EntryAuthor,
        /// Whether it is still typing.
        active: bool,
    },
    /// A participant of the conversation came or went.
    Presence {
        /// The participant who came or left.
        member: Participant,
        /// Whether it is there.
        state: PresenceState,
    },
}

/// Signals between nodes.
#[async_trait]
pub trait Signals: Send + Sync {
    /// Tells other nodes something that matters only now. Best effort, never blocks for long.
    async fn signal(&self, key: ConversationKey, signal: Signal);

    /// Every signal of `partition` from now on, one's own included.
    ///
    /// # Errors
    /// [`LogError`].
    async fn signals(&self, partition: Partition) -> Result<LogStream<(ConversationKey, Signal)>, LogError>;
}

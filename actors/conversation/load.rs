//! Rebuilding a conversation from database row and log tail.

use std::time::Duration;

use frontdesk_domain::{Conversation, ConversationKey, Entry, Participant, Watermark};
use frontdesk_ports::{LogError, Record, Snapshot, StoreError};

use super::tail::Tail;
use crate::ports::HostPorts;

/// A conversation as log and database have it together.
#[derive(Debug)]
pub struct Loaded {
    /// The fold of all entries.
    pub state: Conversation,
    /// Where its subject in the log stands.
    pub tail: Tail,
    /// Last entry that the database holds, as far as is known.
    pub persisted_seq: u64,
    /// The newest entries, without a hole up to the last: those that came from the log.
    pub entries: Vec<Entry>,
    /// What each participant received and read.
    pub receipts: Vec<(Participant, Watermark)>,
}

/// Why a conversation cannot be rebuilt now. Trying again may help.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log was trimmed while it was read, or entries are missing.
    #[error("log and database do not meet at entry {after_seq}")]
    Hole {
        /// The last entry before the hole.
        after_seq: u64,
    },
    /// Reading took too long.
    #[error("log and database did not answer in time")]
    Late(#[from] tokio::time::error::Elapsed),
}

/// Reads the log's last record first, then the database, then what lies between.
///
/// The order matters: whatever was trimmed before the first read is in the database by the second. If more is trimmed
/// meanwhile the two do not meet, and it is read once more.
///
/// # Errors
/// [`LoadError`]. With the database away it works for conversations that the log still holds from their first entry.
pub(crate) async fn load(ports: &HostPorts, key: ConversationKey) -> Result<Loaded, LoadError> {
    let attempts = async {
        let mut attempt = 0;
        loop {
            match load_once(ports, key).await {
                Err(LoadError::Hole { .. }) if attempt < 3 => attempt += 1,
                done => return done,
            }
        }
    };
    tokio::time::timeout(LONGEST_READ, attempts).await?
}

async fn load_once(ports: &HostPorts, key: ConversationKey) -> Result<Loaded, LoadError> {
    let known_at = ports.clock.monotonic();
    let last = ports.log.last(key).await?;
    let (row, receipts, outage) = match read_row(ports, key).await {
        Ok((row, receipts)) => (row, receipts, None),
        Err(error) if error.is_transient() => (None, vec![], Some(error)),
        Err(error) => return Err(error.into()),
    };
    let Snapshot { conversation: mut state, log_seq: mut after } =
        row.unwrap_or_else(|| Snapshot { conversation: Conversation::default(), log_seq: 0 });
    let mut persisted_seq = state.last_seq;
    if outage.is_some() {
        // What the database cannot say now, it said before. Without that all of the log would count as not yet filed.
        persisted_seq = ports.log.persisted(key).await.unwrap_or_default();
    }
    let Some(last) = last else {
        return match outage {
            // Nothing in the log does not mean that nothing was ever there.
            Some(outage) => Err(outage.into()),
            None => Ok(Loaded { state, tail: Tail { log_seq: 0, known_at }, persisted_seq, entries: vec![], receipts }),
        };
    };
    let mut entries = vec![];
    'reading: while state.last_seq < last.envelope.entry.seq {
        let records = ports.log.read(key, after, READ_BATCH).await?;
        if records.is_empty() {
            break;
        }
        for Record { log_seq, envelope } in records {
            if envelope.entry.seq > state.last_seq + 1 {
                break 'reading;
            }
            after = log_seq;
            if envelope.entry.seq == state.last_seq + 1 {
                state.apply(&envelope.entry);
                entries.push(envelope.entry);
            }
        }
    }
    if state.last_seq < last.envelope.entry.seq {
        return Err(outage.map_or(LoadError::Hole { after_seq: state.last_seq }, LoadError::Store));
    }
    // Log or database may have grown since the first read; then that record is not the last any more.
    let log_seq = if state.last_seq == last.envelope.entry.seq { last.log_seq } else { after };
    Ok(Loaded { state, tail: Tail { log_seq, known_at }, persisted_seq, entries, receipts })
}

async fn read_row(
    ports: &HostPorts,
    key: ConversationKey,
) -> Result<(Option<Snapshot>, Vec<(Participant, Watermark)>), StoreError> {
    Ok((ports.conversations.load(key).await?, ports.conversations.receipts(key).await?))
}

pub(super) const READ_BATCH: usize = 256;

/// Longest wait for the log and the database. Adapters answer or fail well within it.
pub(super) const LONGEST_READ: Duration = Duration::from_secs(10);

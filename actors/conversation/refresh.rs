//! Finding out what was logged beyond what an actor knows.

use std::time::Duration;

use frontdesk_domain::{Audience, ConversationKey, Participant, Watermark};
use frontdesk_ports::{EntryRange, Record};

use super::{
    load::{LONGEST_READ, LoadError, Loaded, READ_BATCH, load},
    tail::KnownUpTo,
};
use crate::ports::HostPorts;

/// What a read of the log and the database returned.
#[derive(Debug)]
pub enum Found {
    /// These records follow what is known; none if nothing does.
    Following {
        /// In order, without a hole.
        records: Vec<Record>,
        /// Everything logged before this moment is among them or was known (monotonic clock).
        known_at: Duration,
    },
    /// The log does not hold what follows, or cannot say that nothing does: everything was read anew.
    Anew(Box<Loaded>),
}

/// Reads what follows what is known, from the log alone if the log still holds it.
///
/// # Errors
/// [`LoadError`]. The database is only needed for what the log does not hold any more.
pub(super) async fn refresh(ports: &HostPorts, key: ConversationKey, known: KnownUpTo) -> Result<Found, LoadError> {
    tokio::time::timeout(LONGEST_READ, refresh_now(ports, key, known)).await?
}

async fn refresh_now(ports: &HostPorts, key: ConversationKey, known: KnownUpTo) -> Result<Found, LoadError> {
    let known_at = ports.clock.monotonic();
    // From the writer of the log: reading alone may be answered by a copy that lags behind.
    let records = match ports.log.last(key).await? {
        None if known.tail.log_seq == 0 && !known.tail.is_stale(known_at, ports.log.retention()) => vec![],
        Some(last) if last.log_seq == known.tail.log_seq => vec![],
        Some(last) if last.envelope.entry.seq == known.last_seq + 1 => vec![last],
        Some(last) if last.envelope.entry.seq > known.last_seq => match read_up_to(ports, key, known, &last).await? {
            Some(records) => records,
            None => return anew(ports, key, known.last_seq).await,
        },
        // Trimmed, or not what it was.
        None | Some(_) => return anew(ports, key, known.last_seq).await,
    };
    Ok(Found::Following { records, known_at })
}

/// The records after what is known, `last` included; `None` if some are missing.
async fn read_up_to(
    ports: &HostPorts,
    key: ConversationKey,
    known: KnownUpTo,
    last: &Record,
) -> Result<Option<Vec<Record>>, LoadError> {
    let (mut found, mut seq, mut after) = (Vec::new(), known.last_seq, known.tail.log_seq);
    while seq < last.envelope.entry.seq {
        let records = ports.log.read(key, after, READ_BATCH).await?;
        if records.is_empty() {
            return Ok(None);
        }
        for record in records {
            after = record.log_seq;
            if record.envelope.entry.seq > seq + 1 {
                return Ok(None);
            }
            if record.envelope.entry.seq == seq + 1 {
                seq += 1;
                found.push(record);
            }
        }
    }
    Ok(Some(found))
}

/// Reads everything anew, and of the entries after `last_seq` that only the database holds the newest.
async fn anew(ports: &HostPorts, key: ConversationKey, last_seq: u64) -> Result<Found, LoadError> {
    let mut loaded = load(ports, key).await?;
    let first = loaded.entries.first().map_or(loaded.state.last_seq + 1, |entry| entry.seq);
    if first > last_seq + 1 {
        let (range, newest) = (EntryRange::Before(first), ports.settings.recent_entries.max(1));
        let mut older = ports.conversations.entries(key, range, Audience::Staff, newest).await?;
        older.append(&mut loaded.entries);
        loaded.entries = older;
    }
    Ok(Found::Anew(Box::new(loaded)))
}

/// Acknowledgements that may have been missed.
#[derive(Debug, Default)]
pub(super) struct Beside {
    pub(super) persisted_seq: u64,
    pub(super) receipts: Vec<(Participant, Watermark)>,
}

/// What is worth a question to the database beside the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Receipts, because there are subscribers to show them to.
    pub(super) receipts: bool,
    /// How far the database has come, because no further command is taken until that is known.
    pub(super) persisted: bool,
}

/// Reads acknowledgements that may have been missed. Best effort: the next ones make up for those that are not found.
pub(super) async fn beside(ports: &HostPorts, key: ConversationKey, wanted: Wanted) -> Beside {
    let mut persisted_seq = ports.log.persisted(key).await.unwrap_or_default();
    if wanted.persisted {
        // The log forgets its word after a day, and may never have been given it; the database knows.
        let row = ports.conversations.load(key).await.ok().flatten();
        persisted_seq = persisted_seq.max(row.map_or(0, |row| row.conversation.last_seq));
    }
    let receipts = if wanted.receipts { ports.conversations.receipts(key).await.unwrap_or_default() } else { vec![] };
    Beside { persisted_seq, receipts }
}

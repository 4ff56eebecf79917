//! What a conversation actor is asked, each through its shard.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix::{Message, Recipient};
use frontdesk_domain::{ClientId, ConversationId, EntryAuthor, Principal, ReceiptKind, Request};
use frontdesk_ports::{
    AckRecord, EntryRange, Record, Signal,
    commands::{ExecuteError, Executed},
};
use frontdesk_protocol::socket::{EntryView, PresenceState};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{broadcast::Push, pending::Pending};
use crate::admission::AdmissionPermit;

/// One call to a conversation. Answers go to the channel inside.
#[derive(Debug)]
pub enum Call {
    /// A command that changes the conversation.
    Execute(ExecuteCall),
    /// Begin to watch; answered by a `recovered` or `reset` frame.
    Watch(WatchCall),
    /// The session stops watching.
    Leave {
        /// Id of the session that leaves.
        session: Uuid,
    },
    /// What a watching session may do changed.
    Renew {
        /// Id of the session.
        session: Uuid,
        /// Who it is now.
        principal: Principal,
        /// Set when the conversation could not be told: the session must close.
        lagging: Arc<AtomicBool>,
    },
    /// Read a range of entries.
    Range(RangeCall),
    /// A watcher received or read something.
    Receipt(ReceiptCall),
    /// A subscriber types, or has stopped. Passed over when the session is none.
    Typing {
        /// The session that says so.
        session: Uuid,
        /// The contact or agent who types.
        author: EntryAuthor,
        /// Whether typing began.
        active: bool,
    },
    /// An entry arrived live from the log.
    Live(Box<Record>),
    /// An acknowledgement arrived from the ack stream: `persisted`, `delivered` or `read`.
    Ack(AckRecord),
    /// Something that matters only now.
    Signal(Signal),
}

/// A command and where its answer goes.
#[derive(Debug)]
pub struct ExecuteCall {
    /// The command with its principal and `client_id`.
    pub request: Request,
    /// W3C `traceparent` of the request; empty when it is not traced.
    pub trace: String,
    /// When it came in (monotonic clock).
    pub since: Duration,
    /// Where the answer goes.
    pub reply: Reply,
    /// Its place among the commands in hand.
    pub permit: AdmissionPermit,
}

/// What answers a command: kept with it until it is settled.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) trace: String,
    pub(super) reply: Reply,
    /// Held until the answer is sent.
    _permit: AdmissionPermit,
}

impl ExecuteCall {
    /// The command as the machine takes it.
    pub(super) fn into_pending(self) -> Pending<Ticket> {
        let Self { request, trace, since, reply, permit } = self;
        Pending { request, since, ticket: Ticket { trace, reply, _permit: permit } }
    }
}

/// Where the answer to a command goes.
#[derive(Debug)]
pub enum Reply {
    /// To the task that awaits it.
    Caller(oneshot::Sender<Result<Executed, ExecuteError>>),
    /// To a session's mailbox: there it comes before the entry that it tells of.
    Session {
        /// The sender's name for the request.
        client_id: ClientId,
        /// Conversation that the command was for.
        conversation: ConversationId,
        /// Session that sent the command.
        to: Recipient<Answered>,
        /// Set when the session was too busy to be told.
        lagging: Arc<AtomicBool>,
    },
}

/// Tells a session what became of a command.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Answered {
    /// The sender's name for the request.
    pub client_id: ClientId,
    /// Conversation that the command was for.
    pub conversation: ConversationId,
    /// What became of it.
    pub result: Result<Executed, ExecuteError>,
}

impl Reply {
    pub(crate) fn send(self, result: Result<Executed, ExecuteError>) {
        match self {
            // The asker may have gone; what was logged stays logged.
            Self::Caller(reply) => {
                let _gone = reply.send(result);
            }
            Self::Session { client_id, conversation, to, lagging } => {
                if to.try_send(Answered { client_id, conversation, result }).is_err() {
                    lagging.store(true, Ordering::Release);
                }
            }
        }
    }
}

/// A session that begins to watch.
#[derive(Debug)]
pub struct WatchCall {
    /// Id of the session that watches.
    pub session: Uuid,
    /// Principal of the session.
    pub principal: Principal,
    /// The epoch it last knew.
    pub epoch: Option<String>,
    /// The last entry it holds; 0 for none.
    pub last_seq: u64,
    /// Bytes of entries that fit into one frame.
    pub page_bytes: usize,
    /// Whether it is there to answer.
    pub presence: PresenceState,
    /// Where frames go, the answer first.
    pub push: Recipient<Push>,
    /// Set when a frame could not be handed over: the session has missed something and must close.
    pub lagging: Arc<AtomicBool>,
    /// Told when it cannot be watched.
    pub refused: oneshot::Sender<ReadError>,
}

/// A page of entries for a session.
#[derive(Debug)]
pub struct RangeCall {
    /// Principal that reads; it sees public entries only if it is a contact.
    pub principal: Principal,
    /// Numbers of the entries to read.
    pub range: EntryRange,
    /// How many at most.
    pub limit: usize,
    /// Bytes of entries that fit into one frame.
    pub page_bytes: usize,
    /// Gets them, and whether more lie in that direction.
    pub reply: oneshot::Sender<Result<(Vec<EntryView>, bool), ReadError>>,
}

/// A receipt of a watching session.
#[derive(Debug)]
pub struct ReceiptCall {
    /// Which session; it must be watching.
    pub session: Uuid,
    /// Whether the entries were delivered or read.
    pub kind: ReceiptKind,
    /// Number of the last entry that the receipt covers.
    pub up_to_seq: u64,
}

/// Why a conversation cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It does not exist, or not for this reader: both look the same.
    #[error("no such conversation")]
    NotFound,
    /// Log or database cannot be reached, or too much is asked at once.
    #[error("the conversation cannot be read now")]
    Unavailable,
}

/// When a refused caller should try again.
pub(crate) const BUSY_RETRY_MS: u64 = 500;

/// Longest time that a command waits for its turn before it is refused, unsent.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(2);

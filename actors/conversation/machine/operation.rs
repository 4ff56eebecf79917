//! What can be under way, and what the owner is told to do.

use std::{sync::Arc, time::Duration};

use frontdesk_domain::{Answer, ClientId, Entry, Participant};
use frontdesk_ports::commands::ExecuteError;

use crate::conversation::{pending::Pending, tail::KnownUpTo};

/// The one operation that is under way.
#[derive(Debug, Clone)]
pub(super) enum Operation<T> {
    /// No operation is under way.
    Idle,
    /// An entry is being published; the log has not answered.
    Appending {
        /// What caused it; `None` once the entry came in live, which is proof enough to answer.
        call: Option<Pending<T>>,
        /// Log sequence of the record that it is published upon.
        upon: u64,
        /// When it was published.
        begun: Duration,
    },
    /// The log is read before the command is attempted again.
    Reloading { call: Pending<T> },
    /// The log did not answer twice: it is read again after a pause.
    Pausing { call: Pending<T>, until: Duration },
    /// The database is asked whether an old request id was used.
    AskingStore {
        call: Pending<T>,
        /// Last entry known when it was asked.
        asked_at: u64,
    },
    /// The log is read because something live was missed.
    CatchingUp,
}

/// What to do or to tell, in order.
#[derive(Debug, Clone)]
pub enum Output<T> {
    /// Publish `entry` if the conversation's last record is the one at `upon`, for the command in
    /// [`in_flight`](super::ConversationMachine::in_flight). Then call `handle_appended` or `handle_append_failed`.
    Append {
        /// The entry to publish.
        entry: Entry,
        /// Log sequence that it expects; 0 for an empty subject.
        upon: u64,
    },
    /// Read what the log has beyond what is known. Then call `handle_refreshed` or `handle_refresh_failed`.
    Reload(KnownUpTo),
    /// The same, and read the acknowledgements that may have been missed.
    CatchUp(KnownUpTo),
    /// Look a request up in the database. Then call `handle_request_found` or `handle_request_unknown`.
    FindRequest {
        /// Sender of the request.
        sender: Participant,
        /// The sender's id for it.
        client_id: ClientId,
    },
    /// Send the answer of a command.
    Answer {
        /// The command that is answered.
        call: Pending<T>,
        /// What became of it.
        result: Result<Answer, ExecuteError>,
    },
    /// Tell subscribers of an entry.
    Applied(Arc<Entry>),
    /// Tell subscribers that the database holds every entry up to this one.
    Persisted(u64),
    /// A catch-up ended: everything logged before it began is known, if it did not fail.
    CaughtUp {
        /// Whether log and database could not be read. It is repeated after a while.
        failed: bool,
    },
}

/// Why a publish did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendFailure {
    /// The last record is another one. It may be this very entry, from an attempt whose answer was lost.
    Conflict,
    /// No answer: it may have been stored, or may still be.
    Unknown,
    /// Larger than the log takes.
    TooLarge,
    /// The log is full.
    Full,
    /// The log cannot be reached; nothing was sent.
    Unavailable,
}

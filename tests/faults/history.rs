//! What happened in a run, as written down by those who took part: the only thing that the checker looks at.

use serde::{Deserialize, Serialize};

/// One line of a record. `n` orders all lines of a run, `us` is the time since its beginning in microseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub n: u64,
    pub us: u64,
    /// Who wrote it: a client, the nemesis, a reader.
    pub by: String,
    #[serde(flatten)]
    pub what: What,
}

/// What happened. Members are written `c-<id>` and `a-<id>`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum What {
    /// A conversation began, and whose it is.
    Began { conversation: String, tenant: String, contact: String },
    /// A request is sent; once for each attempt.
    Invoke { id: String, conversation: String, request: Request },
    /// It was accepted.
    Accepted { id: String, sender: String, conversation: String, seq: u64 },
    /// It was refused.
    Rejected { id: String, sender: String, conversation: String, code: String, retryable: bool },
    /// No answer, and none will come on this way.
    Unknown { id: String, sender: String, conversation: String },
    /// The id of an accepted request is used for another text; `code` is the refusal, absent if it was accepted.
    Reuse { id: String, conversation: String, code: Option<String>, retryable: bool },
    /// A socket was welcomed.
    Connected { tenant: String, member: String },
    /// A socket ended, or could not be opened.
    Lost { why: String },
    /// A socket asks for what came after `last`.
    Resume { conversation: String, last: u64 },
    /// The answer: entries after `last`; `stands` is the last number that the client may see.
    Recovered { conversation: String, last: u64, entries: Vec<Seen>, more: bool, stands: u64 },
    /// The answer: the client drops what it has.
    Reset { conversation: String, entries: Vec<Seen>, stands: u64 },
    /// An entry came by itself.
    Live { conversation: String, entry: Seen },
    /// An answer to `range`.
    Paged { conversation: String, entries: Vec<Seen> },
    /// A state that was told: `persisted`, `delivered` or `read`, and of whom.
    Mark { conversation: String, state: State, up_to: u64 },
    /// At the end, a client on an open socket holds everything up to here.
    Held { conversation: String, last: u64 },
    /// How far the database says that a member has come.
    Receipt { conversation: String, member: String, delivered: u64, read: u64 },
    /// A fault begins.
    FaultBegan { fault: u64, class: String, target: String },
    /// It ends; `hit` says whether it was seen to have had its effect.
    FaultEnded { fault: u64, class: String, evidence: String, hit: bool },
    /// All faults are over, and all parts run again.
    Healed {},
    /// Everything accepted is in the database.
    Drained {},
    /// It was not within its time.
    NotDrained { conversation: String },
    /// A conversation's final history, read by one road.
    Final { road: Road, conversation: String, entries: Vec<Seen> },
    /// How the database says that a conversation stands.
    Row { conversation: String, last_seq: u64, status: String, holder: Option<String> },
    /// A member of `tenant` asks for another tenant's conversation.
    Trespass { tenant: String, conversation: String, answer: String, refused: bool },
    /// Memory of a node.
    Memory { node: String, bytes: u64, when: When },
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub tenant: String,
    pub sender: String,
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// Kinds of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Open,
    Say,
    Note,
    Claim,
    Unassign,
}

/// What is told of an entry without showing it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Persisted,
    Delivered(String),
    Read(String),
}

/// A road to the final history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Road {
    /// Resume from 0 and ranges, as an agent.
    Socket,
    /// Pages over REST, as an agent.
    Rest,
    /// Rows of the database.
    Sql,
    /// As a contact: public entries only.
    Widget,
}

/// When something was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    Before,
    After,
}

/// An entry as a client received it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub seq: u64,
    /// The visible entry before it, where the road tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<u64>,
    pub sender: String,
    pub id: String,
    pub kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Who holds the conversation from here on, for an assignment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
}

impl Seen {
    /// Whether contacts may see it.
    pub(crate) fn is_public(&self) -> bool {
        matches!(self.kind.as_str(), "opened" | "message_sent" | "assigned" | "unassigned" | "resolved" | "reopened")
    }

    /// The same, without what depends on who looks.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let Self { seq, prev: _, sender, id, kind, text, holder } = other;
        (self.seq, &self.sender, &self.id, &self.kind) == (*seq, sender, id, kind)
            && self.text == *text
            && self.holder == *holder
    }
}

/// Beginning of the reason of a socket that could not be opened.
pub(crate) const UNREACHABLE: &str = "unreachable: ";
/// The client waited too long for an answer.
pub(crate) const NO_ANSWER: &str = "no answer";
/// The client left without a word.
pub(crate) const GHOST: &str = "goes without a word";
/// The client left.
pub(crate) const LEAVES: &str = "leaves";

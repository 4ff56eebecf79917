//! Frames from the desk.

use frontdesk_domain::{
    AgentId, Assignment, Audience, ClientId, ConversationId, ConversationSummary, Durability, Entry, EntryAuthor,
    Event, Grants, Participant, PresenceState, Role, Status, Timestamp, Watermark,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::codes::{ErrorCode, RejectCode};

/// A frame from the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The answer to `hello`.
    Welcome {
        /// Id of this socket's session, for support and logs.
        session: Uuid,
        /// Changes only when history may have been lost or rewritten.
        epoch: String,
        /// Who the server takes the client for.
        who: Who,
        /// A `ping` comes before the client has been silent for this long (milliseconds); an answer is due within
        /// `deadline_ms`.
        heartbeat_ms: u64,
        /// How long after a `ping` the socket is given up (milliseconds).
        deadline_ms: u64,
        /// Largest frame, in bytes.
        max_frame_bytes: u64,
        /// The server's clock (UTC milliseconds).
        now: Timestamp,
    },
    /// Agents: the role, the name or the teams changed. What one may do is this from now on; which conversations one
    /// sees may have changed, so read the lists anew.
    Standing {
        /// The name that others see.
        name: String,
        /// The agent's role.
        role: Role,
        /// What it may do, and how far.
        grants: Grants,
    },
    /// Agents: settings of the tenant, an inbox or a team changed, or may have. Read again by REST what is shown of
    /// them.
    SettingsChanged {},
    /// Agents: an agent of the tenant was made or changed: its name, its role, whether it may sign in, or whether it is
    /// away. Read again by REST what is shown of agents.
    AgentsChanged {},
    /// Logged: it will never be lost, reordered or shown twice.
    Accepted {
        /// The sender's name for the request.
        client_id: ClientId,
        /// In which conversation; new to the sender after `open`.
        conversation: ConversationId,
        /// Number of the entry in its conversation.
        seq: u64,
        /// When it was decided (UTC milliseconds).
        at: Timestamp,
        /// What it takes to lose it.
        durability: Durability,
    },
    /// The database holds every entry up to here.
    Persisted {
        /// Id of the conversation.
        conversation: ConversationId,
        /// Number of the last such entry.
        up_to_seq: u64,
    },
    /// A member's device holds every entry up to here.
    Delivered {
        /// Id of the conversation.
        conversation: ConversationId,
        /// The participant whose device reports it.
        member: Participant,
        /// Number of the last such entry.
        up_to_seq: u64,
    },
    /// A member's screen has shown every entry up to here.
    Read {
        /// Id of the conversation.
        conversation: ConversationId,
        /// The participant whose screen reports it.
        member: Participant,
        /// Number of the last such entry.
        up_to_seq: u64,
    },
    /// Not logged, and it never will be.
    Rejected {
        /// The sender's name for the request.
        client_id: ClientId,
        /// Reason, as a code.
        code: RejectCode,
        /// Reason, in words for people.
        detail: String,
        /// Whether the same request may succeed later.
        retryable: bool,
        /// When to try again (milliseconds), if retryable.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
        /// Who won, for a lost claim.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        winner: Option<Winner>,
    },
    /// An accepted entry could not be processed; operators were told.
    Failed {
        /// Id of the conversation.
        conversation: ConversationId,
        /// Number of the entry in its conversation.
        seq: u64,
        /// Reason, as a code.
        code: String,
    },
    /// A message or note.
    Message {
        /// Id of the conversation.
        conversation: ConversationId,
        /// The logged entry, as this side may see it.
        entry: EntryView,
    },
    /// Anything else that happened in a conversation.
    Activity {
        /// Id of the conversation.
        conversation: ConversationId,
        /// The logged entry, as this side may see it.
        entry: EntryView,
    },
    /// A participant is typing, or has stopped.
    Typing {
        /// Id of the conversation.
        conversation: ConversationId,
        /// The participant that this is about.
        author: EntryAuthor,
        /// `true`: is typing; `false`: has stopped.
        active: bool,
    },
    /// A participant connected or disconnected, or changed its availability. About the agent itself: what it chose in
    /// another console, or before.
    Presence {
        /// The participant that this is about.
        member: Participant,
        /// The state of presence from now on.
        state: PresenceState,
    },
    /// Agents: a conversation changed that this socket may not be watching.
    Conversation {
        /// How it stands now.
        summary: ConversationSummary,
    },
    /// Agents: this conversation may not be seen any more, by a change of its holder or of one's own rights. It is not
    /// watched from now on; remove what is held of it.
    Hidden {
        /// Id of the conversation.
        conversation: ConversationId,
    },
    /// Answers `feed`: the conversations that changed after its cursor, each once, as it stood at one moment. Of two
    /// rows of a conversation, the one with the larger `last_seq` is the newer, by whichever road it came. Unasked,
    /// empty and `behind`: something told live may have been lost, so ask.
    Feed {
        /// The rows, the one that changed first at the beginning; at most 50.
        conversations: Vec<ConversationSummary>,
        /// Opaque; to be sent with the next `feed`. Absent: the one that was sent stays good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<String>,
        /// Whether more changed: ask at once.
        more: bool,
        /// The cursor cannot be continued, for it is of another history, too old or none at all, or conversations may
        /// have left those that one may see: read the lists anew, and go on from this one.
        reset: bool,
        /// The database has not been reached, or not caught up with what was logged before the question: ask again in a
        /// while.
        behind: bool,
    },
    /// The answer to `range`.
    Range {
        /// Id of the conversation.
        conversation: ConversationId,
        /// What was asked for, ascending.
        entries: Vec<EntryView>,
        /// Whether more lie in the direction asked for.
        more: bool,
    },
    /// Answers `resume`: exactly what was missing, oldest first. What is held already stays. It ends with
    /// `state.last_seq`: a node that is cut from the log cannot know more, and tells what came after that live, once it
    /// does.
    Recovered {
        /// Id of the conversation.
        conversation: ConversationId,
        /// To be sent with the next `resume`.
        epoch: String,
        /// What was missing, ascending; at most 50.
        entries: Vec<EntryView>,
        /// Whether more is missing; fetch it with `range`.
        more: bool,
        /// Where the conversation stands.
        state: Box<StateView>,
    },
    /// Answers `resume` when what the client holds cannot be continued: drop it, begin with this.
    Reset {
        /// Id of the conversation.
        conversation: ConversationId,
        /// To be sent with the next `resume`.
        epoch: String,
        /// The newest entries, ascending; older ones come with `range`.
        entries: Vec<EntryView>,
        /// Whether older ones exist.
        more: bool,
        /// Where the conversation stands.
        state: Box<StateView>,
    },
    /// A frame could not be acted on. The connection stays.
    Error {
        /// What was wrong with the frame, as a code.
        code: ErrorCode,
        /// What was wrong, for people.
        detail: String,
        /// Which conversation the frame named, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation: Option<ConversationId>,
    },
    /// Asks for a `pong`.
    Ping {},
    /// Answers a `ping`.
    Pong {},
    /// The server is about to close the socket.
    Bye {
        /// Why, in one word.
        reason: String,
        /// When to come back (milliseconds), if at all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_in_ms: Option<u64>,
    },
}

/// Where a conversation stands, as one side may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StateView {
    /// Number of the last entry that this side may see.
    pub last_seq: u64,
    /// The database holds every entry up to here.
    pub persisted_seq: u64,
    /// Status of the conversation.
    pub status: Status,
    /// The agent it is assigned to, if any.
    pub assignment: Option<Assignment>,
    /// How far each member has come.
    pub receipts: Vec<ReceiptView>,
}

/// How far one member has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptView {
    /// The participant that this is about.
    pub member: Participant,
    /// Highest entries delivered and read.
    #[serde(flatten)]
    pub watermark: Watermark,
}

/// An entry, as one side may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntryView {
    /// Number of the entry in its conversation, from 1 on.
    pub seq: u64,
    /// Number of the entry before it that this side may see; 0 for none. If it is higher than the last one held,
    /// something is missing: ask with `range`.
    pub prev: u64,
    /// When it was decided (UTC milliseconds), for display only.
    pub at: Timestamp,
    /// The participant that caused the entry.
    pub author: EntryAuthor,
    /// The author's name for the request that caused it.
    pub client_id: ClientId,
    /// The event that the entry records.
    pub event: Event,
}

impl EntryView {
    /// `entry` as `audience` may see it; `None` if it may not.
    #[must_use]
    pub fn of(entry: &Entry, audience: Audience) -> Option<Self> {
        entry.visible_to(audience).then(|| Self {
            seq: entry.seq,
            prev: entry.prev_for(audience),
            at: entry.at,
            author: entry.author.clone(),
            client_id: entry.client_id,
            event: entry.event.clone(),
        })
    }
}

impl ServerFrame {
    /// The frame that tells of `view`: `message` for messages and notes, `activity` for the rest.
    #[must_use]
    pub const fn of_entry(conversation: ConversationId, view: EntryView) -> Self {
        match view.event {
            Event::MessageSent(_) | Event::NoteAdded(_) => Self::Message { conversation, entry: view },
            _ => Self::Activity { conversation, entry: view },
        }
    }
}

/// Who the server takes a client for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Who {
    /// Which contact or agent.
    pub member: Participant,
    /// Its name; may be empty for a visitor.
    pub name: String,
}

/// Who won a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Winner {
    /// Id of the agent.
    pub agent: AgentId,
    /// Name of the agent.
    pub name: String,
    /// When the claim was decided (UTC milliseconds).
    pub at: Timestamp,
    /// Number of the entry that assigned it.
    pub seq: u64,
}

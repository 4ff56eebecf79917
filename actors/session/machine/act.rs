//! What a session's actor is told to do.

use frontdesk_domain::{
    AgentId, ClientId, Command, ConversationId, ConversationKey, EntryAuthor, InboxId, Participant, Principal, Reach,
    Request, TenantId,
};
use frontdesk_ports::{EntryRange, Identity, TokenAudience};
use frontdesk_protocol::socket::PresenceState;

use crate::session::{catching_up::Known, closing::Shut};

/// One thing to do. Where an answer is expected, the `handle_*` method of the machine that takes it is named.
#[derive(Debug)]
pub(in crate::session) enum Act {
    /// Check this token, which must be of this kind, then call `handle_checked`. The next frame is not read before
    /// that.
    Authenticate(String, TokenAudience),
    /// Tell the roster of an agent's session, then call `welcome`.
    Enter(Box<Identity>),
    /// Close the session: call `close`, hand its last frames to the socket, and stop.
    Close(Shut),
    /// Read the inbox of a new conversation, then call `handle_inbox`. The next frame is not read before that.
    FindInbox(Opening),
    /// Look up the agent who is to get a conversation, then call `handle_agent`. The next frame is not read before
    /// that.
    FindAgent(HandOver),
    /// Hand a command to its conversation, then call `handle_answer`; at once with `Overloaded` if it is not admitted.
    Execute(ConversationKey, Box<Request>),
    /// Subscribe to a conversation, then call `handle_watched`.
    Watch(Watching),
    /// Read entries of a conversation, then call `handle_range`.
    Range(Reading),
    /// Tell a conversation that this session has left it.
    Leave(ConversationKey),
    /// Tell these conversations what this principal may do from now on.
    Renew(Vec<ConversationKey>, Principal),
    /// Pass on the receipts of `take_receipts`, if they are admitted now. Otherwise they stay, and are tried again at
    /// the next wake-up.
    PassReceipts,
    /// Tell subscribers of a conversation that its author types, or has stopped, if this is admitted now.
    Typing {
        /// In which conversation.
        key: ConversationKey,
        /// The contact or agent who types.
        author: EntryAuthor,
        /// Whether typing began.
        active: bool,
    },
    /// Write presence and the record of the session; afterwards tell the subscribers of these conversations.
    SayPresent(Vec<ConversationId>),
    /// The same, and keep whether the agent is away, for its other consoles and for later.
    ChoosePresence(Vec<ConversationId>),
    /// Read what changed in the tenant since a cursor, then call `handle_feed`.
    CatchUp(Question),
}

/// A contact's request for a new conversation.
#[derive(Debug, Clone, Copy)]
pub(in crate::session) struct Opening {
    /// The contact's name for the request.
    pub(in crate::session) client_id: ClientId,
    /// The inbox of the contact's token.
    pub(in crate::session) inbox: InboxId,
    /// Id of the conversation, derived from the request.
    pub(super) conversation: ConversationId,
}

/// A request to give a conversation to an agent.
#[derive(Debug, Clone, Copy)]
pub(in crate::session) struct HandOver {
    /// Tenant of the sender; the agent must be of the same.
    pub(in crate::session) tenant: TenantId,
    /// Who is to get it.
    pub(in crate::session) agent: AgentId,
    pub(super) client_id: ClientId,
    pub(super) repeat: bool,
    pub(super) conversation: ConversationId,
    /// Makes the command from the agent's id and name.
    pub(super) command: fn(AgentId, String) -> Command,
}

/// What a conversation needs to know of a new subscriber.
#[derive(Debug)]
pub(in crate::session) struct Watching {
    /// The conversation to watch.
    pub(in crate::session) key: ConversationKey,
    /// The contact or agent who watches it.
    pub(in crate::session) principal: Principal,
    /// The epoch that the client knows.
    pub(in crate::session) epoch: Option<String>,
    /// The last entry that the client holds; 0 for none.
    pub(in crate::session) last_seq: u64,
    /// Whether the watcher is there to answer.
    pub(in crate::session) presence: PresenceState,
}

/// A page of entries that is asked for.
#[derive(Debug)]
pub(in crate::session) struct Reading {
    /// The conversation to read.
    pub(in crate::session) key: ConversationKey,
    /// The contact or agent who reads it.
    pub(in crate::session) principal: Principal,
    /// The entries that are asked for.
    pub(in crate::session) range: EntryRange,
    /// Most entries of the page.
    pub(in crate::session) limit: usize,
}

/// A `feed` frame of an agent.
#[derive(Debug)]
pub(in crate::session) struct Question {
    /// The tenant whose conversations are asked for.
    pub(in crate::session) tenant: TenantId,
    /// The conversations that the agent may see.
    pub(in crate::session) reach: Reach,
    /// The client's cursor, not checked yet; `None` asks where to begin.
    pub(in crate::session) cursor: Option<String>,
    /// What earlier answers of this session have settled.
    pub(in crate::session) known: Known,
}

/// What must be undone when a session ends that was welcomed.
#[derive(Debug)]
pub(in crate::session) struct Departure {
    /// The tenant of the conversation.
    pub(in crate::session) tenant: TenantId,
    /// The participant who leaves.
    pub(in crate::session) member: Participant,
    /// The conversations that were watched.
    pub(in crate::session) watched: Vec<ConversationId>,
}

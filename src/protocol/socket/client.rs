//! Frames from a widget or console.

use frontdesk_domain::{
    AgentId, ClientId, ConversationField, ConversationId, MessageText, Part, PresenceState, Tag, Timestamp,
};
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Map, Value};

/// A frame from a client. Those with a `client_id` are answered by `accepted` or `rejected`; silence means *unknown*,
/// and the client repeats the frame with the same `client_id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// First frame of a socket: who is there. Answered by `welcome`.
    Hello {
        /// Access token of an agent, or visitor token of a contact.
        token: String,
    },
    /// Contact: begins a conversation in the inbox that the token is bound to, and watches it.
    Open {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
    },
    /// Says something that both sides read.
    Say {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
        /// Id of the conversation.
        conversation: ConversationId,
        /// What the message says.
        #[serde(deserialize_with = "MessageText::received")]
        text: MessageText,
        /// Its parts, when it is more than a text: then `text` stands for them where they cannot be shown. A kind that
        /// the server does not take is answered by `rejected` with `unsupported_part`.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "objects")]
        #[schemars(length(max = 16))]
        parts: Vec<Part>,
        /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still succeed.
        #[serde(default, skip_serializing_if = "is_first")]
        repeat: bool,
    },
    /// Agent: writes a note that only staff read.
    Note {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
        /// Id of the conversation.
        conversation: ConversationId,
        /// What the message says.
        #[serde(deserialize_with = "MessageText::received")]
        text: MessageText,
        /// Its parts, when it is more than a text: then `text` stands for them where they cannot be shown. A kind that
        /// the server does not take is answered by `rejected` with `unsupported_part`.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "objects")]
        #[schemars(length(max = 16))]
        parts: Vec<Part>,
        /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still succeed.
        #[serde(default, skip_serializing_if = "is_first")]
        repeat: bool,
    },
    /// Agent: takes a conversation that is not assigned.
    Claim {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
        /// Id of the conversation.
        conversation: ConversationId,
        /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still succeed.
        #[serde(default, skip_serializing_if = "is_first")]
        repeat: bool,
    },
    /// Supervisor and above: gives a conversation to an agent.
    Assign {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
        /// Id of the conversation.
        conversation: ConversationId,
        /// Id of the agent that gets it.
        agent: AgentId,
        /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still succeed.
        #[serde(default, skip_serializing_if = "is_first")]
        repeat: bool,
    },
    /// Agent: hands one's own conversation over.
    Transfer {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
        /// Id of the conversation.
        conversation: ConversationId,
        /// Id of the agent that gets it.
        agent: AgentId,
        /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still succeed.
        #[serde(default, skip_serializing_if = "is_first")]
        repeat: bool,
    },
    /// Agent: puts one's own conversation back into the queue.
    Unassign {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
        /// Id of the conversation.
        conversation: ConversationId,
        /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still succeed.
        #[serde(default, skip_serializing_if = "is_first")]
        repeat: bool,
    },
    /// Agent: says that it is done.
    Resolve {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
        /// Id of the conversation.
        conversation: ConversationId,
        /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still succeed.
        #[serde(default, skip_serializing_if = "is_first")]
        repeat: bool,
    },
    /// Agent: opens it again.
    Reopen {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
        /// Id of the conversation.
        conversation: ConversationId,
        /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still succeed.
        #[serde(default, skip_serializing_if = "is_first")]
        repeat: bool,
    },
    /// Agent: marks it as waiting for something outside.
    Pend {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
        /// Id of the conversation.
        conversation: ConversationId,
        /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still succeed.
        #[serde(default, skip_serializing_if = "is_first")]
        repeat: bool,
    },
    /// Agent: hides it until a moment.
    Snooze {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
        /// Id of the conversation.
        conversation: ConversationId,
        /// Until when (UTC milliseconds).
        until: Timestamp,
        /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still succeed.
        #[serde(default, skip_serializing_if = "is_first")]
        repeat: bool,
    },
    /// Agent: puts a label on.
    Tag {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
        /// Id of the conversation.
        conversation: ConversationId,
        /// The tag, of up to 64 bytes.
        #[serde(deserialize_with = "Tag::received")]
        tag: Tag,
        /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still succeed.
        #[serde(default, skip_serializing_if = "is_first")]
        repeat: bool,
    },
    /// Agent: takes a label off.
    Untag {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
        /// Id of the conversation.
        conversation: ConversationId,
        /// The tag, of up to 64 bytes.
        #[serde(deserialize_with = "Tag::received")]
        tag: Tag,
        /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still succeed.
        #[serde(default, skip_serializing_if = "is_first")]
        repeat: bool,
    },
    /// Agent: gives a field a new value.
    SetField {
        /// The sender's name for this request (UUIDv7).
        client_id: ClientId,
        /// Id of the conversation.
        conversation: ConversationId,
        /// Which field, and its new value; `null` clears it.
        #[serde(deserialize_with = "object")]
        change: ConversationField,
        /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still succeed.
        #[serde(default, skip_serializing_if = "is_first")]
        repeat: bool,
    },
    /// This device holds every visible entry up to here.
    Delivered {
        /// Id of the conversation.
        conversation: ConversationId,
        /// Number of the last entry of the unbroken run that it holds.
        up_to_seq: u64,
    },
    /// This screen has shown every visible entry up to here.
    Read {
        /// Id of the conversation.
        conversation: ConversationId,
        /// Number of the last entry shown.
        up_to_seq: u64,
    },
    /// A participant is typing, or has stopped. Never logged; the last value counts.
    Typing {
        /// Id of the conversation.
        conversation: ConversationId,
        /// `true`: is typing; `false`: has stopped.
        active: bool,
    },
    /// Agent: whether there to answer. Kept until the agent says otherwise, for all of its consoles and those that it
    /// opens later.
    Presence {
        /// `online` or `away`.
        state: PresenceState,
    },
    /// Watches a conversation, and asks for whatever came after `last_seq`. Answered by `recovered` or `reset`.
    Resume {
        /// Id of the conversation.
        conversation: ConversationId,
        /// Epoch of the last `welcome`, `recovered` or `reset`; absent at first.
        #[serde(default)]
        epoch: Option<String>,
        /// Number of the last entry that this client holds; 0 for none.
        last_seq: u64,
    },
    /// Asks for entries after a number, oldest first, or before one, newest last. Answered by `range`.
    Range {
        /// Id of the conversation.
        conversation: ConversationId,
        /// Entries after this number.
        #[serde(default)]
        after_seq: Option<u64>,
        /// Entries before this number.
        #[serde(default)]
        before_seq: Option<u64>,
        /// How many at most; 1 to 50.
        #[serde(default)]
        limit: Option<u16>,
    },
    /// Stops watching a conversation.
    Leave {
        /// Id of the conversation.
        conversation: ConversationId,
    },
    /// Agent: asks which conversations changed while no console was connected. Answered by `feed`; ask again once it
    /// came, never before. Ask after each `hello`, and now and then: what is told live may be lost.
    Feed {
        /// The cursor of the last `feed`; absent at first, which asks for the present one only. Take it before reading
        /// lists.
        #[serde(default)]
        cursor: Option<String>,
    },
    /// Asks for a `pong`.
    Ping {},
    /// Answers a `ping`.
    Pong {},
    /// Goes; the server closes with 1000.
    Bye {},
}

/// Reads a value whose schema is an object: derived code would take an array of its fields as well.
fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    let fields = Map::<String, Value>::deserialize(deserializer)?;
    T::deserialize(Value::Object(fields)).map_err(D::Error::custom)
}

/// Reads values whose schema is an object, as [`object`] does.
fn objects<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let items = Vec::<Map<String, Value>>::deserialize(deserializer)?;
    items.into_iter().map(|fields| T::deserialize(Value::Object(fields)).map_err(D::Error::custom)).collect()
}

/// For serde: what is sent for the first time says nothing of it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_first(repeat: &bool) -> bool {
    !*repeat
}

impl ClientFrame {
    /// The sender's name for the request, for frames that are answered by `accepted` or `rejected`.
    #[must_use]
    pub const fn client_id(&self) -> Option<ClientId> {
        match self {
            Self::Open { client_id }
            | Self::Say { client_id, .. }
            | Self::Note { client_id, .. }
            | Self::Claim { client_id, .. }
            | Self::Assign { client_id, .. }
            | Self::Transfer { client_id, .. }
            | Self::Unassign { client_id, .. }
            | Self::Resolve { client_id, .. }
            | Self::Reopen { client_id, .. }
            | Self::Pend { client_id, .. }
            | Self::Snooze { client_id, .. }
            | Self::Tag { client_id, .. }
            | Self::Untag { client_id, .. }
            | Self::SetField { client_id, .. } => Some(*client_id),
            _ => None,
        }
    }

    /// Whether its sender says that it was sent before.
    #[must_use]
    pub const fn repeat(&self) -> bool {
        match self {
            Self::Say { repeat, .. }
            | Self::Note { repeat, .. }
            | Self::Claim { repeat, .. }
            | Self::Assign { repeat, .. }
            | Self::Transfer { repeat, .. }
            | Self::Unassign { repeat, .. }
            | Self::Resolve { repeat, .. }
            | Self::Reopen { repeat, .. }
            | Self::Pend { repeat, .. }
            | Self::Snooze { repeat, .. }
            | Self::Tag { repeat, .. }
            | Self::Untag { repeat, .. }
            | Self::SetField { repeat, .. } => *repeat,
            _ => false,
        }
    }

    /// The conversation that the frame is about, if any.
    #[must_use]
    pub const fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::Say { conversation, .. }
            | Self::Note { conversation, .. }
            | Self::Claim { conversation, .. }
            | Self::Assign { conversation, .. }
            | Self::Transfer { conversation, .. }
            | Self::Unassign { conversation, .. }
            | Self::Resolve { conversation, .. }
            | Self::Reopen { conversation, .. }
            | Self::Pend { conversation, .. }
            | Self::Snooze { conversation, .. }
            | Self::Tag { conversation, .. }
            | Self::Untag { conversation, .. }
            | Self::SetField { conversation, .. }
            | Self::Delivered { conversation, .. }
            | Self::Read { conversation, .. }
            | Self::Typing { conversation, .. }
            | Self::Resume { conversation, .. }
            | Self::Range { conversation, .. }
            | Self::Leave { conversation } => Some(*conversation),
            Self::Hello { .. }
            | Self::Open { .. }
            | Self::Presence { .. }
            | Self::Feed { .. }
            | Self::Ping {}
            | Self::Pong {}
            | Self::Bye {} => None,
        }
    }
}

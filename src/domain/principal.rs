//! Who makes a request.

use crate::{
    agent::Role,
    ids::{AgentId, ContactId},
    participant::Participant,
    visibility::Audience,
};

/// Who makes a request, and what it may do. Made by the server from a verified token, never taken from a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// The customer.
    Contact(ContactId),
    /// An agent, with the role it holds now.
    Agent(AgentId, Role),
}

impl Principal {
    /// The same as one who takes part in a conversation.
    #[must_use]
    pub const fn participant(self) -> Participant {
        match self {
            Self::Contact(id) => Participant::Contact(id),
            Self::Agent(id, _) => Participant::Agent(id),
        }
    }

    /// Which entries it may see.
    #[must_use]
    pub const fn audience(self) -> Audience {
        match self {
            Self::Contact(_) => Audience::Contact,
            Self::Agent(..) => Audience::Staff,
        }
    }
}

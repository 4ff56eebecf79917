//! Who makes a request.

use crate::{
    ids::{AgentId, BotId, ContactId, IntegrationId, SystemId},
    participant::Participant,
    policy::Membership,
    role::Role,
    visibility::Audience,
};

/// Who makes a request, and what it may do. Made by the server from a verified token, never taken from a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A contact, by a visitor token or a bridge.
    Contact(ContactId),
    /// An agent, with the role it holds now and where it belongs.
    Agent(AgentId, Role, Membership),
    /// A program that talks with contacts.
    Bot(BotId),
    /// A part of this server.
    System(SystemId),
    /// A program of the tenant that acts through the API.
    Integration(IntegrationId),
}

impl Principal {
    /// An agent in no team.
    #[must_use]
    pub const fn agent(id: AgentId, role: Role) -> Self {
        Self::Agent(id, role, Membership::NONE)
    }

    /// The role of an agent.
    #[must_use]
    pub const fn role(&self) -> Option<Role> {
        match self {
            Self::Agent(_, role, _) => Some(*role),
            _ => None,
        }
    }

    /// The same as one who takes part in a conversation.
    #[must_use]
    pub const fn participant(&self) -> Participant {
        match *self {
            Self::Contact(id) => Participant::Contact(id),
            Self::Agent(id, ..) => Participant::Agent(id),
            Self::Bot(id) => Participant::Bot(id),
            Self::System(id) => Participant::System(id),
            Self::Integration(id) => Participant::Integration(id),
        }
    }

    /// Which entries it may see.
    #[must_use]
    pub const fn audience(&self) -> Audience {
        match self {
            Self::Contact(_) => Audience::Contact,
            Self::Agent(..) | Self::Bot(_) | Self::System(_) | Self::Integration(_) => Audience::Staff,
        }
    }
}

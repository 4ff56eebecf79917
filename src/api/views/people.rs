//! Agents, contacts and inboxes, as staff see them.

use frontdesk_domain::{Agent, Contact, Inbox, Timestamp};
use frontdesk_protocol::socket::PresenceState;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{GrantView, PresenceView, RoleView};

/// The agent that signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedInView {
    /// The agent's id.
    pub(crate) id: Uuid,
    /// Its log-in name.
    #[schema(example = "ada@desk.example")]
    pub(crate) email: String,
    /// The name that contacts see.
    #[schema(example = "Ada")]
    pub(crate) name: String,
    /// The agent's role.
    pub(crate) role: RoleView,
    /// What it may do, and how far.
    pub(crate) grants: Vec<GrantView>,
}

impl From<&Agent> for SignedInView {
    fn from(agent: &Agent) -> Self {
        Self {
            id: agent.id.0,
            email: agent.email.clone(),
            name: agent.name.clone(),
            role: RoleView(agent.role),
            grants: agent.role.grants().iter().map(GrantView).collect(),
        }
    }
}

/// An agent, as administrators see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgentView {
    /// The agent's id.
    id: Uuid,
    /// The name that contacts see.
    #[schema(example = "Ada")]
    name: String,
    /// Its log-in name.
    #[schema(example = "ada@desk.example")]
    email: String,
    /// What it may do.
    role: RoleView,
    /// Whether it may sign in.
    active: bool,
    /// Whether it is there; `unknown` when that cannot be said now.
    presence: PresenceView,
}

impl AgentView {
    pub(crate) fn of(agent: Agent, presence: PresenceState) -> Self {
        // Its sockets may be a second from being closed.
        let presence = if agent.active { presence } else { PresenceState::Offline };
        Self {
            id: agent.id.0,
            name: agent.name,
            email: agent.email,
            role: RoleView(agent.role),
            active: agent.active,
            presence: PresenceView(presence),
        }
    }
}

/// A contact, as agents see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContactView {
    /// The contact's id.
    id: Uuid,
    /// The inbox that it first wrote to.
    inbox: Uuid,
    /// Its name as given, or empty.
    #[schema(example = "Grace")]
    name: String,
    /// Its e-mail address as given, or empty.
    email: String,
    /// When it was first seen (UTC milliseconds).
    #[schema(value_type = i64)]
    created_at: Timestamp,
}

impl From<Contact> for ContactView {
    fn from(contact: Contact) -> Self {
        let Contact { id, tenant: _, inbox, name, email, created_at } = contact;
        Self { id: id.0, inbox: inbox.0, name, email, created_at }
    }
}

/// A channel endpoint.
#[derive(Serialize, ToSchema)]
pub(crate) struct InboxView {
    /// Its id, as in the widget's script tag.
    id: Uuid,
    /// By what it is reached: `web` (the widget on pages), `api` (a program that brings messages), or a word of a
    /// bridge.
    #[schema(example = "web")]
    kind: String,
    /// Whether it takes new conversations. Those that exist go on either way.
    active: bool,
    /// The widget's title.
    #[schema(example = "Shop")]
    name: String,
    /// The first line that a contact reads.
    greeting: String,
    /// Web origins whose pages may open the widget.
    #[schema(example = json!(["https://shop.example"]))]
    origins: Vec<String>,
    /// When it was created (UTC milliseconds).
    #[schema(value_type = i64)]
    created_at: Timestamp,
}

impl From<Inbox> for InboxView {
    fn from(inbox: Inbox) -> Self {
        let Inbox { id, tenant: _, kind, active, name, greeting, origins, created_at } = inbox;
        Self { id: id.0, kind: kind.into(), active, name, greeting, origins, created_at }
    }
}

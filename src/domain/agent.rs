//! An agent: the human who answers, and the role it has.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{AgentId, TenantId},
    policy::{self, Permission},
    role::Role,
    timestamp::Timestamp,
};

/// A human who answers contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// The agent's id.
    pub id: AgentId,
    /// For whom it works.
    pub tenant: TenantId,
    /// Log-in name: a lower-case e-mail address, unique in the whole desk.
    pub email: String,
    /// Name that contacts see.
    pub name: String,
    /// Its role: what it may do.
    pub role: Role,
    /// Whether it may log in.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Agent {
    /// Whether it can hold conversations: it may sign in, and answer in those that it holds.
    #[must_use]
    pub fn may_hold_conversations(&self) -> bool {
        self.active && policy::grants_some(self.role, Permission::Converse)
    }
}

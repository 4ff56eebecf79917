//! The directory in memory: what it holds, and a file for the port of each aggregate.

mod agents;
mod contacts;
mod inboxes;
mod logins;
mod roles;
mod tenants;

use std::collections::{BTreeMap, BTreeSet};

use frontdesk_domain::{
    Agent, AgentId, Contact, ContactId, CustomRole, Grants, Inbox, InboxId, LoginId, Role, RoleId, Tenant, TenantId,
};

use frontdesk_ports::{PasswordHash, StoreError, Versioned};
use frontdesk_storage::LoginRecord;

/// What the directory holds.
#[derive(Debug, Default, Clone)]
pub(super) struct DirectoryState {
    pub(super) tenants: BTreeMap<TenantId, Tenant>,
    pub(super) inboxes: BTreeMap<InboxId, Versioned<Inbox>>,
    pub(super) agents: BTreeMap<(TenantId, AgentId), Versioned<(Agent, PasswordHash)>>,
    contacts: BTreeMap<(TenantId, ContactId), Contact>,
    addresses: BTreeMap<(TenantId, InboxId, String), ContactId>,
    pub(super) logins: BTreeMap<LoginId, LoginRecord>,
    /// Agents who chose to be away.
    pub(super) away: BTreeSet<(TenantId, AgentId)>,
    pub(super) roles: BTreeMap<(TenantId, RoleId), Versioned<CustomRole>>,
}

impl DirectoryState {
    /// The agent, with what its role allows now.
    pub(super) fn with_grants(&self, agent: &Agent) -> Agent {
        let role = match agent.role {
            Role::Custom(id, _) => {
                let held = self.roles.get(&(agent.tenant, id));
                held.map_or_else(|| Role::Custom(id, Grants::default()), |held| held.value.role())
            }
            built_in => built_in,
        };
        Agent { role, ..agent.clone() }
    }

    /// Whether an agent of the tenant has the role.
    pub(super) fn has_role(&self, tenant: TenantId, id: RoleId) -> bool {
        self.agents
            .values()
            .map(|held| &held.value)
            .any(|(agent, _)| agent.tenant == tenant && agent.role.custom() == Some(id))
    }

    /// Makes or changes an agent; its version is one more than before.
    pub(super) fn put_agent(&mut self, agent: &Agent, password: &PasswordHash) -> Result<(), StoreError> {
        let key = (agent.tenant, agent.id);
        let mut others = self.agents.iter().filter(|(other, _)| **other != key);
        if others.any(|(_, other)| other.value.0.email == agent.email) {
            return Err(StoreError::Taken("this e-mail address"));
        }
        let version = self.agents.get(&key).map_or(0, |held| held.version) + 1;
        self.agents.insert(key, Versioned { value: (agent.clone(), password.clone()), version });
        Ok(())
    }

    /// Makes or changes an inbox; its version is one more than before.
    pub(super) fn put_inbox(&mut self, inbox: &Inbox) -> Result<(), StoreError> {
        let held = self.inboxes.get(&inbox.id);
        if held.is_some_and(|held| held.value.tenant != inbox.tenant) {
            return Err(StoreError::Taken("this inbox id"));
        }
        let version = held.map_or(0, |held| held.version) + 1;
        self.inboxes.insert(inbox.id, Versioned { value: inbox.clone(), version });
        Ok(())
    }
}

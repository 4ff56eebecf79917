//! The directory half of the database in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use frontdesk_domain::{
    Agent, AgentId, Contact, ContactId, CustomRole, Grants, Inbox, InboxId, LoginId, Role, RoleId, Tenant, TenantId,
    Timestamp,
};

use super::{MemoryStore, page_of};
use frontdesk_ports::{
    directory::{Directory, Login, PasswordHash, Rotation},
    error::StoreError,
    page::{Page, PageRequest},
    transaction::Versioned,
};
use frontdesk_storage::{ListCursor, LoginRecord, rows};

/// What the directory holds.
#[derive(Debug, Default, Clone)]
pub(super) struct DirectoryState {
    pub(super) tenants: BTreeMap<TenantId, Tenant>,
    pub(super) inboxes: BTreeMap<InboxId, Versioned<Inbox>>,
    pub(super) agents: BTreeMap<(TenantId, AgentId), Versioned<(Agent, PasswordHash)>>,
    contacts: BTreeMap<(TenantId, ContactId), Contact>,
    addresses: BTreeMap<(TenantId, InboxId, String), ContactId>,
    pub(super) logins: BTreeMap<LoginId, LoginRecord>,
    pub(super) roles: BTreeMap<(TenantId, RoleId), CustomRole>,
}

impl DirectoryState {
    /// The agent, with what its role allows now.
    pub(super) fn with_grants(&self, agent: &Agent) -> Agent {
        let role = match agent.role {
            Role::Custom(id, _) => {
                let held = self.roles.get(&(agent.tenant, id));
                held.map_or_else(|| Role::Custom(id, Grants::default()), CustomRole::role)
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

#[async_trait]
impl Directory for MemoryStore {
    async fn put_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| {
            directory.tenants.entry(tenant.id).or_insert_with(|| tenant.clone());
            Ok(())
        })
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.directory(|directory| {
            let mut tenants: Vec<_> = directory.tenants.values().cloned().collect();
            tenants.sort_by_key(|tenant| (tenant.created_at, tenant.id));
            Ok(tenants)
        })
    }

    async fn put_inbox(&self, inbox: &Inbox) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| directory.put_inbox(inbox))
    }

    async fn inbox(&self, id: InboxId) -> Result<Option<Inbox>, StoreError> {
        self.directory(|directory| Ok(directory.inboxes.get(&id).map(|held| held.value.clone())))
    }

    async fn inboxes(&self, tenant: TenantId) -> Result<Vec<Inbox>, StoreError> {
        self.directory(|directory| {
            let theirs = directory.inboxes.values().map(|held| &held.value).filter(|inbox| inbox.tenant == tenant);
            let mut inboxes: Vec<_> = theirs.cloned().collect();
            inboxes.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
            Ok(inboxes)
        })
    }

    async fn put_agent(&self, agent: &Agent, password: &PasswordHash) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| directory.put_agent(agent, password))
    }

    async fn agent(&self, tenant: TenantId, id: AgentId) -> Result<Option<Agent>, StoreError> {
        self.directory(|directory| {
            Ok(directory.agents.get(&(tenant, id)).map(|held| directory.with_grants(&held.value.0)))
        })
    }

    async fn agent_by_email(&self, email: &str) -> Result<Option<(Agent, PasswordHash)>, StoreError> {
        self.directory(|directory| {
            let mut agents = directory.agents.values().map(|held| &held.value);
            let found = agents.find(|(agent, _)| agent.email == email);
            Ok(found.map(|(agent, password)| (directory.with_grants(agent), password.clone())))
        })
    }

    async fn agents(&self, tenant: TenantId) -> Result<Vec<Agent>, StoreError> {
        self.directory(|directory| {
            let agents = directory.agents.values().map(|held| &held.value.0);
            let mut agents: Vec<_> =
                agents.filter(|agent| agent.tenant == tenant).map(|agent| directory.with_grants(agent)).collect();
            agents.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
            Ok(agents)
        })
    }

    async fn put_contact(&self, contact: &Contact) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| {
            directory.contacts.insert((contact.tenant, contact.id), contact.clone());
            Ok(())
        })
    }

    async fn contact(&self, tenant: TenantId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        self.directory(|directory| Ok(directory.contacts.get(&(tenant, id)).cloned()))
    }

    async fn contact_at(&self, address: &str, newcomer: &Contact) -> Result<Contact, StoreError> {
        let _turn = self.turn().await;
        let Contact { tenant, inbox, id, .. } = *newcomer;
        self.directory(|directory| {
            let id = *directory.addresses.entry((tenant, inbox, address.to_owned())).or_insert(id);
            let contact = directory.contacts.entry((tenant, id)).or_insert_with(|| Contact { id, ..newcomer.clone() });
            Ok(contact.clone())
        })
    }

    async fn contacts(
        &self,
        tenant: TenantId,
        text: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<Contact>, StoreError> {
        let wanted = text.unwrap_or_default().to_lowercase();
        self.directory(|directory| {
            let theirs = directory.contacts.values().filter(|contact| contact.tenant == tenant);
            let found = theirs.filter(|contact| rows::contact_search(contact).contains(&wanted));
            page_of(found.cloned().collect(), page, |contact| ListCursor { at: contact.created_at, id: contact.id.0 })
        })
    }

    async fn begin_login(&self, login: &Login) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        let record = LoginRecord { login: login.clone(), previous_hash: None };
        self.directory(|directory| {
            if directory.logins.contains_key(&login.id) {
                return Err(StoreError::Taken("this log-in id"));
            }
            directory.logins.insert(login.id, record);
            Ok(())
        })
    }

    async fn rotate_login(
        &self,
        id: LoginId,
        presented: [u8; 32],
        next: [u8; 32],
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| {
            let record = directory.logins.get_mut(&id);
            Ok(record.map_or(Rotation::Unknown, |record| record.rotate(presented, next, now, expires_at)))
        })
    }

    async fn revoke_login(&self, tenant: TenantId, id: LoginId) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| {
            let record = directory.logins.get_mut(&id);
            if let Some(record) = record.filter(|record| record.login.tenant == tenant) {
                record.login.revoked = true;
            }
            Ok(())
        })
    }

    async fn live_logins(&self, ids: &[LoginId], now: Timestamp) -> Result<Vec<(LoginId, Agent)>, StoreError> {
        self.directory(|directory| {
            let logins = directory.logins.values().map(|record| &record.login);
            let live = logins.filter(|login| ids.contains(&login.id) && !login.revoked && now < login.expires_at);
            let with_agent = live.filter_map(|login| {
                let (agent, _) = &directory.agents.get(&(login.tenant, login.agent))?.value;
                agent.active.then(|| (login.id, directory.with_grants(agent)))
            });
            Ok(with_agent.collect())
        })
    }
}

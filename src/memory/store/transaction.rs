//! Transactions on the database in memory: a copy that replaces what was there, one transaction at a time.

use std::sync::Arc;

use async_trait::async_trait;
use frontdesk_domain::{
    Agent, AgentId, AggregateEvent, AuditDraft, AuditEntry, CustomRole, EventDraft, Inbox, InboxId, LoginId, RoleId,
    SettingsScope, Tenant, TenantId, Timer, Timestamp, audit::ChainHead,
};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use frontdesk_ports::{
    definitions::DefinitionRow,
    directory::{Login, PasswordHash, Renewal, RoleDeletion, Rotation},
    error::StoreError,
    settings::SettingsVersion,
    transaction::{
        AgentWrites, AuditWrites, DefinitionWrites, InboxWrites, LoginWrites, OutboxWrites, RoleWrites, SettingsWrites,
        TenantLock, TenantWrites, TimerWrites, Transaction, Transactions, Versioned,
    },
};
use frontdesk_storage::{LoginRecord, OutboxSignal};

use super::{
    AuditState, MemoryStore, State, definitions::DefinitionsState, directory::DirectoryState, outbox::OutboxState,
    settings::SettingsState,
};

/// A copy of what transactions write, and the right to put it back.
struct MemoryTransaction {
    store: Arc<std::sync::Mutex<State>>,
    /// Whether the relay is told when this has committed.
    adds_events: bool,
    signal: OutboxSignal,
    directory: DirectoryState,
    definitions: DefinitionsState,
    audit: AuditState,
    outbox: OutboxState,
    settings: SettingsState,
    /// To be set at the end.
    timers: Vec<Timer>,
    _turn: OwnedMutexGuard<()>,
}

#[async_trait]
impl Transactions for MemoryStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let turn = self.turn().await;
        let state = self.state()?;
        Ok(Box::new(MemoryTransaction {
            store: self.shared(),
            adds_events: false,
            signal: self.outbox.clone(),
            directory: state.directory.clone(),
            definitions: state.definitions.clone(),
            audit: state.audit.clone(),
            outbox: state.outbox.clone(),
            settings: state.settings.clone(),
            timers: Vec::new(),
            _turn: turn,
        }))
    }
}

#[async_trait]
impl Transaction for MemoryTransaction {
    /// Nothing is left to wait for: there is one transaction at a time.
    async fn lock(&mut self, _: TenantLock) -> Result<(), StoreError> {
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let mut state = super::answering(&self.store)?;
        state.directory = self.directory;
        state.definitions = self.definitions;
        state.audit = self.audit;
        state.outbox.take_over_additions(self.outbox);
        state.settings = self.settings;
        for timer in &self.timers {
            state.timers.set(timer);
        }
        if self.adds_events {
            self.signal.events_added();
        }
        Ok(())
    }
}

#[async_trait]
impl TenantWrites for MemoryTransaction {
    async fn insert_tenant(&mut self, tenant: &Tenant) -> Result<bool, StoreError> {
        let is_new = !self.directory.tenants.contains_key(&tenant.id);
        self.directory.tenants.entry(tenant.id).or_insert_with(|| tenant.clone());
        Ok(is_new)
    }
}

#[async_trait]
impl AgentWrites for MemoryTransaction {
    async fn agent(&mut self, tenant: TenantId, id: AgentId) -> Result<Option<Versioned<Agent>>, StoreError> {
        let held = self.directory.agents.get(&(tenant, id));
        Ok(held.map(|held| Versioned { value: self.directory.with_grants(&held.value.0), version: held.version }))
    }

    async fn agents(&mut self, tenant: TenantId) -> Result<Vec<Agent>, StoreError> {
        let agents = self.directory.agents.values().map(|held| &held.value.0);
        let of_tenant = agents.filter(|agent| agent.tenant == tenant);
        Ok(of_tenant.map(|agent| self.directory.with_grants(agent)).collect())
    }

    async fn password(&mut self, tenant: TenantId, id: AgentId) -> Result<Option<PasswordHash>, StoreError> {
        Ok(self.directory.agents.get(&(tenant, id)).map(|held| held.value.1.clone()))
    }

    async fn set_away(&mut self, tenant: TenantId, id: AgentId, away: bool) -> Result<bool, StoreError> {
        let (key, held) = ((tenant, id), &mut self.directory.away);
        Ok(self.directory.agents.contains_key(&key) && if away { held.insert(key) } else { held.remove(&key) })
    }

    async fn insert_agent(&mut self, agent: &Agent, password: &PasswordHash) -> Result<(), StoreError> {
        if self.directory.agents.contains_key(&(agent.tenant, agent.id)) {
            return Err(StoreError::Taken("this agent id"));
        }
        self.directory.put_agent(agent, password)
    }

    async fn update_agent(
        &mut self,
        agent: &Agent,
        password: Option<&PasswordHash>,
        expected: u64,
    ) -> Result<u64, StoreError> {
        let held = self.directory.agents.get(&(agent.tenant, agent.id)).filter(|held| held.version == expected);
        let kept = held.ok_or(StoreError::Conflict)?.value.1.clone();
        self.directory.put_agent(agent, password.unwrap_or(&kept))?;
        Ok(expected + 1)
    }
}

#[async_trait]
impl RoleWrites for MemoryTransaction {
    async fn roles(&mut self, tenant: TenantId) -> Result<Vec<Versioned<CustomRole>>, StoreError> {
        let of_tenant = self.directory.roles.iter().filter(|((of, _), _)| *of == tenant);
        Ok(of_tenant.map(|(_, role)| role.clone()).collect())
    }

    async fn insert_role(&mut self, tenant: TenantId, role: &CustomRole) -> Result<(), StoreError> {
        self.directory.create_role(tenant, role)
    }

    async fn update_role(&mut self, tenant: TenantId, role: &CustomRole, version: u64) -> Result<u64, StoreError> {
        if self.directory.roles.get(&(tenant, role.id)).is_none_or(|held| held.version != version) {
            return Err(StoreError::Conflict);
        }
        self.directory.change_role(tenant, role)?;
        Ok(version + 1)
    }

    async fn delete_role(&mut self, tenant: TenantId, id: RoleId) -> Result<RoleDeletion, StoreError> {
        self.directory.delete_role(tenant, id)
    }
}

#[async_trait]
impl InboxWrites for MemoryTransaction {
    async fn inbox(&mut self, tenant: TenantId, id: InboxId) -> Result<Option<Versioned<Inbox>>, StoreError> {
        Ok(self.directory.inboxes.get(&id).filter(|held| held.value.tenant == tenant).cloned())
    }

    async fn inbox_count(&mut self, tenant: TenantId) -> Result<u64, StoreError> {
        let theirs = self.directory.inboxes.values().filter(|held| held.value.tenant == tenant);
        Ok(theirs.count() as u64)
    }

    async fn insert_inbox(&mut self, inbox: &Inbox) -> Result<(), StoreError> {
        if self.directory.inboxes.contains_key(&inbox.id) {
            return Err(StoreError::Taken("this inbox id"));
        }
        self.directory.put_inbox(inbox)
    }

    async fn update_inbox(&mut self, inbox: &Inbox, expected: u64) -> Result<u64, StoreError> {
        let held = self.directory.inboxes.get(&inbox.id);
        let held = held.filter(|held| held.version == expected && held.value.tenant == inbox.tenant);
        let kind = held.ok_or(StoreError::Conflict)?.value.kind.clone();
        self.directory.put_inbox(&Inbox { kind, ..inbox.clone() })?;
        Ok(expected + 1)
    }
}

#[async_trait]
impl DefinitionWrites for MemoryTransaction {
    async fn definitions(&mut self, tenant: TenantId, kind: &'static str) -> Result<Vec<DefinitionRow>, StoreError> {
        Ok(self.definitions.of_kind(tenant, kind))
    }

    async fn definition(
        &mut self,
        tenant: TenantId,
        kind: &'static str,
        id: Uuid,
    ) -> Result<Option<DefinitionRow>, StoreError> {
        Ok(self.definitions.one(tenant, kind, id))
    }

    async fn insert_definition(
        &mut self,
        tenant: TenantId,
        kind: &'static str,
        row: &DefinitionRow,
    ) -> Result<(), StoreError> {
        self.definitions.insert(tenant, kind, row)
    }

    async fn update_definition(
        &mut self,
        tenant: TenantId,
        kind: &'static str,
        row: &DefinitionRow,
    ) -> Result<u64, StoreError> {
        self.definitions.update(tenant, kind, row)
    }

    async fn delete_definition(&mut self, tenant: TenantId, kind: &'static str, id: Uuid) -> Result<bool, StoreError> {
        Ok(self.definitions.delete(tenant, kind, id))
    }
}

#[async_trait]
impl LoginWrites for MemoryTransaction {
    async fn insert_login(&mut self, login: &Login) -> Result<(), StoreError> {
        if self.directory.logins.contains_key(&login.id) {
            return Err(StoreError::Taken("this log-in id"));
        }
        self.directory.logins.insert(login.id, LoginRecord::begun(login.clone()));
        Ok(())
    }

    async fn rotate_login(
        &mut self,
        id: LoginId,
        renewal: &Renewal,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let record = self.directory.logins.get_mut(&id);
        Ok(record.map_or(Rotation::Unknown, |record| record.rotate(renewal, now, expires_at)))
    }

    async fn end_login(&mut self, tenant: TenantId, id: LoginId) -> Result<bool, StoreError> {
        let record = self.directory.logins.get_mut(&id).filter(|record| record.login.tenant == tenant);
        Ok(record.is_some_and(|record| !std::mem::replace(&mut record.login.revoked, true)))
    }

    async fn end_logins(
        &mut self,
        tenant: TenantId,
        agent: AgentId,
        keep: Option<LoginId>,
        now: Timestamp,
    ) -> Result<Vec<LoginId>, StoreError> {
        let logins = self.directory.logins.values_mut().map(|record| &mut record.login);
        let theirs = logins.filter(|login| (login.tenant, login.agent) == (tenant, agent) && Some(login.id) != keep);
        let going_on = theirs.filter(|login| !login.revoked && now < login.expires_at);
        Ok(going_on.map(|login| (login.revoked = true, login.id).1).collect())
    }
}

#[async_trait]
impl OutboxWrites for MemoryTransaction {
    async fn add_event(&mut self, draft: EventDraft) -> Result<AggregateEvent, StoreError> {
        self.adds_events = true;
        self.outbox.add(draft)
    }
}

#[async_trait]
impl SettingsWrites for MemoryTransaction {
    async fn settings(
        &mut self,
        tenant: TenantId,
        scope: SettingsScope,
    ) -> Result<Option<SettingsVersion>, StoreError> {
        Ok(self.settings.get(&(tenant, scope)).and_then(|versions| versions.last()).cloned())
    }

    async fn insert_settings(&mut self, tenant: TenantId, version: &SettingsVersion) -> Result<(), StoreError> {
        let versions = self.settings.entry((tenant, version.scope)).or_default();
        if versions.iter().any(|held| held.version == version.version) {
            return Err(StoreError::Conflict);
        }
        versions.push(version.clone());
        Ok(())
    }
}

#[async_trait]
impl TimerWrites for MemoryTransaction {
    async fn set_timer(&mut self, timer: &Timer) -> Result<(), StoreError> {
        self.timers.push(timer.clone());
        Ok(())
    }
}

#[async_trait]
impl AuditWrites for MemoryTransaction {
    async fn audit(&mut self, draft: AuditDraft) -> Result<AuditEntry, StoreError> {
        let chain = self.audit.entry(draft.tenant).or_default();
        let entry = chain.last().map_or_else(ChainHead::default, AuditEntry::head).append(draft);
        chain.push(entry.clone());
        Ok(entry)
    }
}

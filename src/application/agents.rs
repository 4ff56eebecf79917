//! Making and changing agents. At least one active owner of each tenant remains, also under concurrent changes.

use async_trait::async_trait;
use frontdesk_domain::{
    Agent, AgentId, LoginId, Permission, Role, TenantId, Timer,
    audit::{FieldChange, Object},
};
use frontdesk_ports::{AwayChoice, Notice, NoticeKind, PasswordHash, StoreError, TenantLock, Versioned};

use crate::{ActError, Application, Requester, events, fresh_id, logins, roles};

/// A new agent.
#[derive(Debug, Clone)]
pub struct NewAgent {
    /// Its log-in name, in lower case.
    pub email: String,
    /// The name that contacts see.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Hash of the first password.
    pub password: PasswordHash,
}

/// What is to change of an agent; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct AgentChange {
    /// The name that contacts see.
    pub name: Option<String>,
    /// What it may do.
    pub role: Option<Role>,
    /// Whether it may sign in.
    pub active: Option<bool>,
    /// Hash of the new password.
    pub password: Option<PasswordHash>,
    /// The version that the change was decided on; without one, it applies to whatever is there.
    pub expected_version: Option<u64>,
    /// The log-in by which an agent changes itself: it goes on when the others end.
    pub own_login: Option<LoginId>,
}

/// Makes an agent of the requester's tenant. Owners are made by owners.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::NoSuchRole`], or [`ActError::Taken`] for the address.
pub async fn create(app: &Application, by: &Requester, new: NewAgent) -> Result<Versioned<Agent>, ActError> {
    by.require(Permission::Administer)?;
    let now = app.clock.now();
    let NewAgent { email, name, role, password } = new;
    let id = AgentId(fresh_id(now));
    let mut transaction = app.transactions.begin().await?;
    transaction.lock(TenantLock::agents(by.tenant())).await?;
    let role = roles::current(&mut *transaction, by, role).await?;
    check_reach(by, &[role])?;
    let agent = Agent { id, tenant: by.tenant(), email, name, role, active: true, created_at: now };
    transaction.insert_agent(&agent, &password).await?;
    transaction.add_event(events::agent(app, by, "agent.created", &agent, 1)).await?;
    transaction.audit(app.entry(by, "agent.created", Object::new("agent", id), first_values(&agent))).await?;
    transaction.commit().await?;
    app.notify(by, NoticeKind::AGENT, id.0, 1).await;
    Ok(Versioned { value: agent, version: 1 })
}

/// Changes an agent of the requester's tenant. Owners are changed by owners, agents cannot change their own role or
/// activity, and one active owner remains. A new password and a deactivation end the agent's log-ins. The conversations
/// of one who may not work on them any more go back into the queue.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::NotFound`], [`ActError::NotYourself`], [`ActError::LastOwner`], or
/// [`ActError::Conflict`] when it has another version than expected.
pub async fn change(
    app: &Application,
    by: &Requester,
    id: AgentId,
    change: AgentChange,
) -> Result<Versioned<Agent>, ActError> {
    by.require(Permission::Administer)?;
    let AgentChange { name, role, active, password, expected_version, own_login } = change;
    let mut transaction = app.transactions.begin().await?;
    // Before anything is read: who owns the tenant is a rule over all of its agents.
    transaction.lock(TenantLock::agents(by.tenant())).await?;
    let found = transaction.agent(by.tenant(), id).await?.ok_or(ActError::NotFound("agent"))?;
    if expected_version.is_some_and(|expected| expected != found.version) {
        return Err(ActError::Conflict);
    }
    let before = found.value;
    let role = match role {
        Some(role) if role != before.role => roles::current(&mut *transaction, by, role).await?,
        _ => before.role,
    };
    let after = Agent {
        name: name.unwrap_or_else(|| before.name.clone()),
        role,
        active: active.unwrap_or(before.active),
        ..before.clone()
    };
    check_reach(by, &[before.role, after.role])?;
    if by.is_agent(id) && (after.role != before.role || !after.active) {
        return Err(ActError::NotYourself);
    }
    if owns(&before) && !owns(&after) {
        let agents = transaction.agents(by.tenant()).await?;
        if !agents.iter().any(|agent| agent.id != id && owns(agent)) {
            return Err(ActError::LastOwner);
        }
    }
    let changes = differences(&before, &after, password.is_some());
    if changes.is_empty() {
        return Ok(Versioned { value: before, version: found.version });
    }
    let version = transaction.update_agent(&after, password.as_ref(), found.version).await?;
    let kind = if before.active && !after.active { "agent.deactivated" } else { "agent.changed" };
    transaction.add_event(events::agent(app, by, kind, &after, version)).await?;
    if password.is_some() {
        transaction.add_event(events::password_changed(app, by, id, version)).await?;
    }
    transaction.audit(app.entry(by, "agent.changed", Object::new("agent", id), changes)).await?;
    let ends_log_ins = if !after.active {
        Some(events::AGENT_DEACTIVATED)
    } else {
        password.is_some().then_some(events::PASSWORD_CHANGED)
    };
    if before.may_hold_conversations() && !after.may_hold_conversations() {
        transaction.set_timer(&Timer::release_agent(by.tenant(), id, app.clock.now())).await?;
    }
    if let Some(reason) = ends_log_ins {
        let keep = own_login.filter(|_| by.is_agent(id));
        logins::end_all(app, &mut *transaction, by, id, keep, reason).await?;
    }
    transaction.commit().await?;
    app.notify(by, NoticeKind::AGENT, id.0, version).await;
    Ok(Versioned { value: after, version })
}

#[async_trait]
impl AwayChoice for Application {
    /// Neither audited nor told as an event: people choose it by the hour.
    async fn choose_away(&self, tenant: TenantId, agent: AgentId, away: bool) -> Result<(), StoreError> {
        let mut transaction = self.transactions.begin().await?;
        if transaction.set_away(tenant, agent, away).await? {
            transaction.commit().await?;
            let version = self.clock.now().0.unsigned_abs();
            self.tell(Notice { tenant, kind: NoticeKind::AGENT, object: agent.0, version }).await;
        }
        Ok(())
    }
}

/// The fields of a new agent, as the audit trail shows them.
pub(crate) fn first_values(agent: &Agent) -> Vec<FieldChange> {
    vec![
        FieldChange::set("email", &agent.email),
        FieldChange::set("name", &agent.name),
        FieldChange::set("role", agent.role.to_string()),
    ]
}

fn differences(before: &Agent, after: &Agent, new_password: bool) -> Vec<FieldChange> {
    let fields = [
        FieldChange::between("name", &before.name, &after.name),
        FieldChange::between("role", before.role.to_string(), after.role.to_string()),
        FieldChange::between("active", before.active.to_string(), after.active.to_string()),
        new_password.then(|| FieldChange::secret("password")),
    ];
    fields.into_iter().flatten().collect()
}

fn owns(agent: &Agent) -> bool {
    agent.role == Role::Owner && agent.active
}

/// Only an owner makes or changes an owner, and an agent may change only those who may not do more than the agent
/// itself.
fn check_reach(by: &Requester, roles: &[Role]) -> Result<(), ActError> {
    if !by.may_change_owners() && roles.contains(&Role::Owner) {
        return Err(ActError::Forbidden("only an owner makes or changes an owner"));
    }
    roles.iter().try_for_each(|role| by.require_grants(role.grants()))
}

//! Log-ins in the audit trail (begun, ended, refused, revoked) and as events (begun, ended).

use frontdesk_domain::{
    Agent, AgentId, AuditDraft, LoginId, TenantId, Timestamp,
    audit::{Actor, FieldChange, Object},
};
use frontdesk_ports::{Login, PasswordHash, Renewal, Rotation, Transaction};

use crate::{ActError, Application, Requester, events};

/// Begins a log-in of an agent whose password was right: `verified` is the hash that it was compared with. Says whether
/// it began; it does not when the agent was deactivated or got another password while the password was checked.
///
/// # Errors
/// [`ActError::Store`].
pub async fn begin(app: &Application, login: &Login, verified: &PasswordHash) -> Result<bool, ActError> {
    let entry = entry(app, login.tenant, login.agent, "login.began", Object::new("login", login.id));
    let mut transaction = app.transactions.begin().await?;
    let agent = transaction.agent(login.tenant, login.agent).await?;
    let password = transaction.password(login.tenant, login.agent).await?;
    if !agent.is_some_and(|agent| agent.value.active) || password.as_ref() != Some(verified) {
        return Ok(false);
    }
    transaction.insert_login(login).await?;
    transaction.add_event(events::login(app, "agent.signed_in", login.tenant, login.agent, login.id)).await?;
    transaction.audit(entry).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Ends a log-in. Ending it again changes nothing and leaves no second entry.
///
/// # Errors
/// [`ActError::Store`].
pub async fn end(app: &Application, tenant: TenantId, agent: AgentId, login: LoginId) -> Result<(), ActError> {
    let mut transaction = app.transactions.begin().await?;
    if !transaction.end_login(tenant, login).await? {
        return Ok(());
    }
    transaction.add_event(events::login(app, "agent.signed_out", tenant, agent, login)).await?;
    transaction.audit(entry(app, tenant, agent, "login.ended", Object::new("login", login))).await?;
    Ok(transaction.commit().await?)
}

/// Ends the log-ins of an agent but `keep`, within the transaction that changes the agent. Each leaves an audit entry
/// and an event, which tell the reason.
pub(crate) async fn end_all(
    app: &Application,
    transaction: &mut dyn Transaction,
    by: &Requester,
    agent: AgentId,
    keep: Option<LoginId>,
    reason: &'static str,
) -> Result<(), ActError> {
    let tenant = by.tenant();
    for login in transaction.end_logins(tenant, agent, keep, app.clock.now()).await? {
        transaction.add_event(events::login_revoked(app, (tenant, by.actor()), agent, login, reason)).await?;
        let changes = vec![FieldChange::set("reason", reason)];
        transaction.audit(app.entry(by, "login.revoked", Object::new("login", login), changes)).await?;
    }
    Ok(())
}

/// Takes a refresh token in exchange for the next one. That happens by the minute and is not audited. A token that is
/// used again after the next one was used ends its log-in; that is audited and told as an event, in the transaction
/// that ends it.
///
/// # Errors
/// [`ActError::Store`].
pub async fn exchange(
    app: &Application,
    login: LoginId,
    renewal: &Renewal,
    expires_at: Timestamp,
) -> Result<Rotation, ActError> {
    let mut transaction = app.transactions.begin().await?;
    let rotation = transaction.rotate_login(login, renewal, app.clock.now(), expires_at).await?;
    if let Rotation::Reused(ended) = &rotation {
        let (of, reason) = ((ended.tenant, unknown()), events::TOKEN_USED_TWICE);
        transaction.add_event(events::login_revoked(app, of, ended.agent, ended.id, reason)).await?;
        let mut entry = entry(app, ended.tenant, ended.agent, "login.revoked", Object::new("login", ended.id));
        entry.actor = unknown();
        entry.changes = vec![FieldChange::set("reason", events::TOKEN_USED_TWICE)];
        transaction.audit(entry).await?;
    }
    if rotation != Rotation::Unknown {
        transaction.commit().await?;
    }
    Ok(rotation)
}

/// Records a refused attempt to sign in as `agent`. It changes nothing, so it adds no event.
///
/// # Errors
/// [`ActError::Store`].
pub async fn refused(app: &Application, agent: &Agent) -> Result<(), ActError> {
    let mut entry = entry(app, agent.tenant, agent.id, "login.refused", Object::new("agent", agent.id));
    entry.actor = unknown();
    if !agent.active {
        entry.changes.push(FieldChange::set("active", "false"));
    }
    app.record(entry).await
}

/// Who tried something that does not show that the agent did it.
fn unknown() -> Actor {
    Actor { kind: "unknown".into(), id: String::new() }
}

fn entry(app: &Application, tenant: TenantId, agent: AgentId, act: &'static str, object: Object) -> AuditDraft {
    let at = app.clock.now();
    AuditDraft { tenant, at, actor: Actor::agent(agent), act: act.into(), object, changes: Vec::new() }
}

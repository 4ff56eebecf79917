//! Log-ins in the audit trail (begun, ended, refused) and as events (begun, ended).

use frontdesk_domain::{
    Agent, AgentId, AuditDraft, LoginId, TenantId, Timestamp,
    audit::{Actor, FieldChange, Object},
};
use frontdesk_ports::{Login, Logins, Rotation, StoreError};

use crate::{ActError, Application, events};

/// Begins a log-in of `agent`, whose password was right.
///
/// # Errors
/// [`ActError::Store`].
pub async fn begin(app: &Application, login: &Login) -> Result<(), ActError> {
    let entry = entry(app, login.tenant, login.agent, "login.began", Object::new("login", login.id));
    let mut transaction = app.transactions.begin().await?;
    transaction.insert_login(login).await?;
    transaction.add_event(events::login(app, "agent.signed_in", login.tenant, login.agent, login.id)).await?;
    transaction.audit(entry).await?;
    Ok(transaction.commit().await?)
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

/// Takes a refresh token (by its hash) in exchange for the next one. Happens by the minute and changes nothing that is
/// audited.
///
/// # Errors
/// [`StoreError`].
pub async fn exchange(
    logins: &dyn Logins,
    login: LoginId,
    presented: [u8; 32],
    next: [u8; 32],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<Rotation, StoreError> {
    logins.rotate_login(login, presented, next, now, expires_at).await
}

/// Records a refused attempt to sign in as `agent`. It changes nothing, so it adds no event.
///
/// # Errors
/// [`ActError::Store`].
pub async fn refused(app: &Application, agent: &Agent) -> Result<(), ActError> {
    let mut entry = entry(app, agent.tenant, agent.id, "login.refused", Object::new("agent", agent.id));
    // The attempt does not show that the agent made it.
    entry.actor = Actor { kind: "unknown".into(), id: String::new() };
    if !agent.active {
        entry.changes.push(FieldChange::set("active", "false"));
    }
    app.record(entry).await
}

fn entry(app: &Application, tenant: TenantId, agent: AgentId, act: &'static str, object: Object) -> AuditDraft {
    let at = app.clock.now();
    AuditDraft { tenant, at, actor: Actor::agent(agent), act: act.into(), object, changes: Vec::new() }
}

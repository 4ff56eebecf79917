//! Making tenants, by the command line.

use frontdesk_domain::{Agent, Inbox, Tenant, audit::Object};
use frontdesk_ports::PasswordHash;

use crate::{ActError, Application, Requester, agents, events, inboxes};

/// A tenant with what it begins with.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// The tenant to store.
    pub tenant: Tenant,
    /// The tenant's first inbox.
    pub inbox: Inbox,
    /// Its agents and their passwords.
    pub agents: Vec<(Agent, PasswordHash)>,
}

/// Makes what is not there yet of a tenant, its inbox and its agents, all or nothing. What is there stays as it is:
/// people may have changed it.
///
/// # Errors
/// [`ActError::Taken`] for an agent's address or the inbox's id.
pub async fn set_up(app: &Application, command: &'static str, new: &NewTenant) -> Result<(), ActError> {
    let NewTenant { tenant, inbox, agents } = new;
    let by = Requester::Operator { tenant: tenant.id, command };
    let mut transaction = app.transactions.begin().await?;
    let mut entries = Vec::new();
    if transaction.insert_tenant(tenant).await? {
        let name = frontdesk_domain::audit::FieldChange::set("name", &tenant.name);
        entries.push(app.entry(&by, "tenant.created", Object::new("tenant", tenant.id), vec![name]));
    }
    if transaction.inbox(tenant.id, inbox.id).await?.is_none() {
        transaction.insert_inbox(inbox).await?;
        transaction.add_event(events::inbox(app, &by, "inbox.created", inbox, 1)).await?;
        let object = Object::new("inbox", inbox.id);
        entries.push(app.entry(&by, "inbox.created", object, inboxes::first_values(inbox)));
    }
    for (agent, password) in agents {
        if transaction.agent(tenant.id, agent.id).await?.is_none() {
            transaction.insert_agent(agent, password).await?;
            transaction.add_event(events::agent(app, &by, "agent.created", agent, 1)).await?;
            let object = Object::new("agent", agent.id);
            entries.push(app.entry(&by, "agent.created", object, agents::first_values(agent)));
        }
    }
    for entry in entries {
        transaction.audit(entry).await?;
    }
    Ok(transaction.commit().await?)
}

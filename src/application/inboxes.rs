//! Creating, changing, disabling and enabling inboxes.

use frontdesk_domain::{
    Inbox, InboxId, InboxKind, Origin, OriginError, Permission,
    audit::{FieldChange, Object},
};
use frontdesk_ports::{NoticeKind, TenantLock, Versioned};

use crate::{ActError, Application, Requester, events, fresh_id};

/// A new inbox.
#[derive(Debug, Clone, Default)]
pub struct NewInbox {
    /// By what it is reached. Never changes.
    pub kind: InboxKind,
    /// The widget's title.
    pub name: String,
    /// The first line that a contact reads.
    pub greeting: String,
    /// Web origins whose pages may open the widget, normalised.
    pub origins: Vec<String>,
}

/// What is to change of an inbox; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct InboxChange {
    /// The widget's title.
    pub name: Option<String>,
    /// The first line that a contact reads.
    pub greeting: Option<String>,
    /// Web origins whose pages may open the widget, normalised.
    pub origins: Option<Vec<String>>,
    /// Whether it takes new conversations.
    pub active: Option<bool>,
    /// The version that the change was decided on; without one, it applies to whatever is there.
    pub expected_version: Option<u64>,
}

/// Why a list of origins cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginsError {
    /// One of them is none.
    #[error(transparent)]
    Wrong(#[from] OriginError),
    /// More than [`Inbox::MAX_ORIGINS`].
    #[error("an inbox has at most {} origins", Inbox::MAX_ORIGINS)]
    TooMany,
}

/// Origins that a person typed, as browsers send them and each once.
///
/// # Errors
/// [`OriginsError`].
pub fn origins(typed: &[String]) -> Result<Vec<String>, OriginsError> {
    if typed.len() > Inbox::MAX_ORIGINS {
        return Err(OriginsError::TooMany);
    }
    let mut origins = Vec::with_capacity(typed.len());
    for text in typed {
        let origin = text.parse::<Origin>()?.to_string();
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    Ok(origins)
}

/// Creates an inbox of the requester's tenant. It takes conversations at once.
///
/// # Errors
/// [`ActError::Forbidden`] or [`ActError::TooMany`].
pub async fn create(app: &Application, by: &Requester, new: NewInbox) -> Result<Inbox, ActError> {
    by.require(Permission::Administer)?;
    let NewInbox { kind, name, greeting, origins } = new;
    let created_at = app.clock.now();
    let id = InboxId(fresh_id(created_at));
    let inbox = Inbox { id, tenant: by.tenant(), kind, active: true, name, greeting, origins, created_at };
    let mut transaction = app.transactions.begin().await?;
    transaction.lock(TenantLock::inboxes(by.tenant())).await?;
    if transaction.inbox_count(by.tenant()).await? >= Inbox::MAX_PER_TENANT {
        return Err(ActError::TooMany("inbox", Inbox::MAX_PER_TENANT));
    }
    transaction.insert_inbox(&inbox).await?;
    transaction.add_event(events::inbox(app, by, "inbox.created", &inbox, 1)).await?;
    transaction.audit(app.entry(by, "inbox.created", Object::new("inbox", id), first_values(&inbox))).await?;
    transaction.commit().await?;
    app.notify(by, NoticeKind::INBOX, id.0, 1).await;
    Ok(inbox)
}

/// Changes an inbox of the requester's tenant. One that is disabled takes no new conversations; those that exist go on.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::NotFound`], or [`ActError::Conflict`] when it has another version than
/// expected.
pub async fn change(
    app: &Application,
    by: &Requester,
    id: InboxId,
    change: InboxChange,
) -> Result<Versioned<Inbox>, ActError> {
    by.require(Permission::Administer)?;
    let InboxChange { name, greeting, origins, active, expected_version } = change;
    let mut transaction = app.transactions.begin().await?;
    let found = transaction.inbox(by.tenant(), id).await?.ok_or(ActError::NotFound("inbox"))?;
    if expected_version.is_some_and(|expected| expected != found.version) {
        return Err(ActError::Conflict);
    }
    let before = found.value;
    let after = Inbox {
        name: name.unwrap_or_else(|| before.name.clone()),
        greeting: greeting.unwrap_or_else(|| before.greeting.clone()),
        origins: origins.unwrap_or_else(|| before.origins.clone()),
        active: active.unwrap_or(before.active),
        ..before.clone()
    };
    let changes = differences(&before, &after);
    if changes.is_empty() {
        return Ok(Versioned { value: before, version: found.version });
    }
    let version = transaction.update_inbox(&after, found.version).await?;
    transaction.add_event(events::inbox(app, by, "inbox.changed", &after, version)).await?;
    transaction.audit(app.entry(by, "inbox.changed", Object::new("inbox", id), changes)).await?;
    transaction.commit().await?;
    app.notify(by, NoticeKind::INBOX, id.0, version).await;
    Ok(Versioned { value: after, version })
}

/// The fields of a new inbox, as the audit trail shows them.
pub(crate) fn first_values(inbox: &Inbox) -> Vec<FieldChange> {
    vec![
        FieldChange::set("kind", inbox.kind.as_str()),
        FieldChange::set("name", &inbox.name),
        FieldChange::set("greeting", &inbox.greeting),
        FieldChange::set("origins", list(&inbox.origins)),
    ]
}

/// The fields that differ, as the audit trail shows them.
pub(crate) fn differences(before: &Inbox, after: &Inbox) -> Vec<FieldChange> {
    let fields = [
        FieldChange::between("name", &before.name, &after.name),
        FieldChange::between("greeting", &before.greeting, &after.greeting),
        FieldChange::between("origins", list(&before.origins), list(&after.origins)),
        FieldChange::between("active", before.active.to_string(), after.active.to_string()),
    ];
    fields.into_iter().flatten().collect()
}

fn list(texts: &[String]) -> String {
    serde_json::json!(texts).to_string()
}

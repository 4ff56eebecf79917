//! Changing inboxes.

use frontdesk_domain::{
    Inbox, InboxId, Permission,
    audit::{FieldChange, Object},
};
use frontdesk_ports::{NoticeKind, Versioned};

use crate::{ActError, Application, Requester};

/// What is to change of an inbox; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct InboxChange {
    /// The widget's title.
    pub name: Option<String>,
    /// The first line that a contact reads.
    pub greeting: Option<String>,
    /// Web origins whose pages may open the widget, normalised.
    pub origins: Option<Vec<String>>,
    /// The version that the change was decided on; without one, it applies to whatever is there.
    pub expected_version: Option<u64>,
}

/// Changes an inbox of the requester's tenant.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::NotFound`], or [`ActError::Conflict`] when it has another version than expected.
pub async fn change(
    app: &Application,
    by: &Requester,
    id: InboxId,
    change: InboxChange,
) -> Result<Versioned<Inbox>, ActError> {
    by.require(Permission::Administer)?;
    let InboxChange { name, greeting, origins, expected_version } = change;
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
        ..before.clone()
    };
    let changes = differences(&before, &after);
    if changes.is_empty() {
        return Ok(Versioned { value: before, version: found.version });
    }
    let version = transaction.update_inbox(&after, found.version).await?;
    transaction.audit(app.entry(by, "inbox.changed", Object::new("inbox", id), changes)).await?;
    transaction.commit().await?;
    app.notify(by, NoticeKind::INBOX, id.0, version).await;
    Ok(Versioned { value: after, version })
}

/// The fields of a new inbox, as the audit trail shows them.
pub(crate) fn first_values(inbox: &Inbox) -> Vec<FieldChange> {
    vec![
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
    ];
    fields.into_iter().flatten().collect()
}

fn list(texts: &[String]) -> String {
    serde_json::json!(texts).to_string()
}

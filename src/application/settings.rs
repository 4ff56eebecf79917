//! Setting what holds for the tenant, an inbox or a team, and going back to an earlier version.

mod cache;

use frontdesk_domain::{
    Definition as _, Document, Permission, SettingsScope, Team,
    audit::{FieldChange, Object},
    settings::Effective,
};
use frontdesk_ports::{NoticeKind, SettingsDocuments, SettingsVersion, TenantLock};

pub use cache::SettingsCache;

use crate::{ActError, Application, NewerVersion, Requester, events};

/// Replaces the document at a scope by `document`. The same content as now makes no new version.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::NotFound`] for an inbox or team that the tenant does not have, or
/// [`ActError::NewerVersion`] when the present version is not `expected` (0: nothing was ever set).
pub async fn write(
    app: &Application,
    by: &Requester,
    scope: SettingsScope,
    document: &Document,
    expected: u64,
) -> Result<SettingsVersion, ActError> {
    put(app, by, scope, document, expected, None).await
}

/// Replaces the document at a scope by the content of its version `version`, as a new version.
///
/// # Errors
/// As [`write()`]; [`ActError::NotFound`] also for a version that the document never had.
pub async fn restore(
    app: &Application,
    documents: &dyn SettingsDocuments,
    by: &Requester,
    scope: SettingsScope,
    version: u64,
    expected: u64,
) -> Result<SettingsVersion, ActError> {
    by.require(Permission::Administer)?;
    // Versions never change, so this one can be read before the transaction begins.
    let old = documents.settings_version(by.tenant(), scope, version).await?;
    let old = old.ok_or(ActError::NotFound("version of these settings"))?;
    put(app, by, scope, &Document::from_stored(old.document), expected, Some(version)).await
}

/// The present version of the document at a scope; `None` when nothing was ever set.
///
/// # Errors
/// [`ActError::Forbidden`] or [`ActError::Store`].
pub async fn current(
    documents: &dyn SettingsDocuments,
    by: &Requester,
    scope: SettingsScope,
) -> Result<Option<SettingsVersion>, ActError> {
    by.require(Permission::Administer)?;
    Ok(documents.settings(by.tenant(), scope).await?)
}

/// The versions below `before` of the document at a scope, the newest first, `limit` at most.
///
/// # Errors
/// [`ActError::Forbidden`] or [`ActError::Store`].
pub async fn history(
    documents: &dyn SettingsDocuments,
    by: &Requester,
    scope: SettingsScope,
    before: u64,
    limit: u16,
) -> Result<Vec<SettingsVersion>, ActError> {
    by.require(Permission::Administer)?;
    Ok(documents.settings_history(by.tenant(), scope, before, limit).await?)
}

/// The values that hold at a scope. Every agent may read them.
///
/// # Errors
/// [`ActError::Forbidden`] or [`ActError::Store`].
pub async fn effective(cache: &SettingsCache, by: &Requester, scope: SettingsScope) -> Result<Effective, ActError> {
    by.require(Permission::Read)?;
    Ok(cache.effective(by.tenant(), scope).await?)
}

async fn put(
    app: &Application,
    by: &Requester,
    scope: SettingsScope,
    document: &Document,
    expected: u64,
    restored_from: Option<u64>,
) -> Result<SettingsVersion, ActError> {
    by.require(Permission::Administer)?;
    let mut transaction = app.transactions.begin().await?;
    transaction.lock(TenantLock::settings(by.tenant())).await?;
    match scope {
        SettingsScope::Tenant => {}
        SettingsScope::Inbox(inbox) => {
            transaction.inbox(by.tenant(), inbox).await?.ok_or(ActError::NotFound("inbox"))?;
        }
        SettingsScope::Team(team) => {
            let found = transaction.definition(by.tenant(), Team::KIND, team).await?;
            found.ok_or(ActError::NotFound(Team::KIND))?;
        }
    }
    let held = transaction.settings(by.tenant(), scope).await?;
    let version = held.as_ref().map_or(0, |held| held.version);
    if version != expected {
        let (at, actor) = held.map(|held| (held.at, held.actor)).unzip();
        return Err(ActError::NewerVersion(NewerVersion { version, at, actor }));
    }
    let changes = differences(held.as_ref(), document);
    let next = match held {
        Some(held) if changes.is_empty() => return Ok(held),
        _ => SettingsVersion {
            scope,
            version: version + 1,
            at: app.clock.now(),
            actor: by.actor(),
            document: document.clone().into(),
            restored_from,
        },
    };
    transaction.insert_settings(by.tenant(), &next).await?;
    transaction.add_event(events::settings(app, by, object_kind(scope), &next)).await?;
    let object = scope.id(by.tenant());
    let entry = app.entry(by, "settings.changed", Object::new(object_kind(scope), object), changes);
    transaction.audit(entry).await?;
    transaction.commit().await?;
    app.notify(by, NoticeKind::SETTINGS, object, next.version).await;
    Ok(next)
}

/// The fields that differ, as the audit trail shows them: values as JSON.
fn differences(before: Option<&SettingsVersion>, after: &Document) -> Vec<FieldChange> {
    let before = before.map(|held| Document::from_stored(held.document.clone())).unwrap_or_default();
    let of_after = after.fields().filter(|(section, field, value)| before.get(section, field) != Some(value));
    let dropped = before.fields().filter(|(section, field, _)| after.get(section, field).is_none());
    let places = of_after.chain(dropped).map(|(section, field, _)| (section, field));
    let change = |(section, field): (&str, &str)| FieldChange {
        field: format!("{section}.{field}").into(),
        before: before.get(section, field).map(ToString::to_string),
        after: after.get(section, field).map(ToString::to_string),
    };
    places.map(change).collect()
}

const fn object_kind(scope: SettingsScope) -> &'static str {
    match scope {
        SettingsScope::Tenant => "tenant_settings",
        SettingsScope::Inbox(_) => "inbox_settings",
        SettingsScope::Team(_) => "team_settings",
    }
}

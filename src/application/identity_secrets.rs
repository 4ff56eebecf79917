//! Making and removing the secrets by which the site of an inbox proves who its visitors are.

use frontdesk_domain::{Definition as _, IdentitySecret, IdentitySecretId, InboxId, Permission, audit::FieldChange};

use crate::{ActError, Application, Requester, definitions::DefinitionChange, events, fresh_id};

/// Makes a secret for an inbox of the requester's tenant. The older one stays in force beside it until it is removed.
/// Neither the event nor the audit entry shows `secret`.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::NotFound`] for the inbox, or [`ActError::TooMany`].
pub async fn create(
    app: &Application,
    by: &Requester,
    inbox: InboxId,
    secret: String,
) -> Result<IdentitySecret, ActError> {
    by.require(Permission::Administer)?;
    let created_at = app.clock.now();
    let made = IdentitySecret::new(IdentitySecretId(fresh_id(created_at)), inbox, secret, created_at);
    let mut change = DefinitionChange::begin(app, by).await?;
    change.transaction.inbox(by.tenant(), inbox).await?.ok_or(ActError::NotFound("inbox"))?;
    let of_inbox = change.all::<IdentitySecret>().await?.iter().filter(|held| held.value.inbox == inbox).count();
    if of_inbox >= IdentitySecret::MAX_PER_INBOX {
        return Err(ActError::TooMany(IdentitySecret::KIND, IdentitySecret::MAX_PER_INBOX as u64));
    }
    change.insert(&made).await?;
    let event = events::identity_secret(app, by, &made);
    change
        .finish(app, by, event, vec![FieldChange::set("inbox", inbox.to_string()), FieldChange::secret("secret")])
        .await?;
    Ok(made)
}

/// Removes a secret of an inbox of the requester's tenant. What was signed with it proves nothing from now on; contacts
/// whom it proved stay who they are.
///
/// # Errors
/// [`ActError::Forbidden`] or [`ActError::NotFound`].
pub async fn remove(app: &Application, by: &Requester, id: IdentitySecretId) -> Result<(), ActError> {
    by.require(Permission::Administer)?;
    let mut change = DefinitionChange::begin(app, by).await?;
    if !change.delete::<IdentitySecret>(id.0).await? {
        return Err(ActError::NotFound(IdentitySecret::KIND));
    }
    let event = events::deleted::<IdentitySecret>(app, by, "identity_secret.deleted", id.0);
    change.finish(app, by, event, Vec::new()).await
}

//! Redelivering and discarding dead letters. They lie at the broker, so no transaction spans them and the audit trail:
//! the request is recorded before, and what became of it after.

use frontdesk_domain::{
    Permission,
    audit::{FieldChange, Object},
};
use frontdesk_ports::{DeadLetterId, DeadLetterScope, Dropped, Redelivered, Redelivery};

use crate::{ActError, Application, Requester};

/// Tries again to process a dead letter of the requester's tenant.
///
/// # Errors
/// [`ActError::Forbidden`] or [`ActError::Redelivery`].
pub async fn redeliver(
    app: &Application,
    redelivery: &dyn Redelivery,
    by: &Requester,
    id: &DeadLetterId,
) -> Result<Redelivered, ActError> {
    by.require(Permission::HandleDeadLetters)?;
    let object = || Object::new("dead_letter", id);
    app.record(app.entry(by, "dead_letter.redelivery_requested", object(), Vec::new())).await?;
    let redelivered = redelivery.redeliver(DeadLetterScope::Tenant(by.tenant()), id).await?;
    let settled = matches!(redelivered, Redelivered::Settled { .. });
    let outcome = vec![FieldChange::set("settled", settled.to_string())];
    app.record(app.entry(by, "dead_letter.redelivered", object(), outcome)).await?;
    Ok(redelivered)
}

/// Deletes a dead letter of the requester's tenant. An accepted entry that is not persisted is deleted only with
/// `force`, because later entries of its conversation can never be persisted without it.
///
/// # Errors
/// [`ActError::Forbidden`] or [`ActError::Redelivery`].
pub async fn discard(
    app: &Application,
    redelivery: &dyn Redelivery,
    by: &Requester,
    id: &DeadLetterId,
    force: bool,
) -> Result<Dropped, ActError> {
    by.require(Permission::Administer)?;
    let object = || Object::new("dead_letter", id);
    let how = || vec![FieldChange::set("force", force.to_string())];
    app.record(app.entry(by, "dead_letter.discard_requested", object(), how())).await?;
    let dropped = redelivery.discard(DeadLetterScope::Tenant(by.tenant()), id, force).await?;
    if matches!(dropped, Dropped::Gone) {
        app.record(app.entry(by, "dead_letter.discarded", object(), how())).await?;
    }
    Ok(dropped)
}

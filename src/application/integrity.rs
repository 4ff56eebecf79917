//! Checks of everything that a tenant has.

use frontdesk_domain::{Permission, audit::Object};

use crate::{ActError, Application, Requester};

/// Records that a check of the requester's tenant was begun.
///
/// # Errors
/// [`ActError::Forbidden`].
pub async fn record_check(app: &Application, by: &Requester) -> Result<(), ActError> {
    by.require(Permission::Oversee)?;
    app.record(app.entry(by, "integrity_check.began", Object::new("tenant", by.tenant()), Vec::new())).await
}

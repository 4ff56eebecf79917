//! A contact: the customer.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ContactId, InboxId, TenantId},
    timestamp::Timestamp,
};

/// A customer, first seen in one inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Whose customer.
    pub tenant: TenantId,
    /// The inbox it first wrote to; its tokens are bound to it.
    pub inbox: InboxId,
    /// Name as given, or empty for a visitor who gave none.
    pub name: String,
    /// E-mail address as given, or empty. Never logged.
    pub email: String,
    /// First seen.
    pub created_at: Timestamp,
}

//! A contact: the customer.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ContactId, InboxId, TenantId},
    timestamp::Timestamp,
};

/// A customer, first seen in one inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The contact's id.
    pub id: ContactId,
    /// The tenant whose contact it is.
    pub tenant: TenantId,
    /// The inbox it first wrote to; its tokens are bound to it.
    pub inbox: InboxId,
    /// Name as given, or empty for a visitor who gave none.
    pub name: String,
    /// E-mail address as given, or empty. Never logged.
    pub email: String,
    /// When it was first seen.
    pub created_at: Timestamp,
}

impl Contact {
    /// What the address of a contact begins with whom a site proved by the rest of it, its id on the site. A contact
    /// has one such address at most.
    pub const IDENTITY_PREFIX: &'static str = "identity:";
}

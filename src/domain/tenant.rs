//! A tenant: one organisation on this desk.

use serde::{Deserialize, Serialize};

use crate::{ids::TenantId, timestamp::Timestamp};

/// One organisation. Every other thing belongs to exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its id, part of every subject and key.
    pub id: TenantId,
    /// Its name, as people read it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

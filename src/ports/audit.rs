//! Reading the audit trail. It is written within transactions only ([`AuditWrites`](crate::AuditWrites)).

use async_trait::async_trait;
use frontdesk_domain::{AuditEntry, TenantId, Timestamp, audit::ChainHead};

use crate::{
    error::StoreError,
    page::{Page, PageRequest},
};

/// Which entries are wanted. A condition that is `None` holds for every entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By this actor: kind and id.
    pub actor: Option<(String, String)>,
    /// Of this act, such as `agent.changed`.
    pub act: Option<String>,
    /// About objects of this kind.
    pub object_kind: Option<String>,
    /// About the object with this id.
    pub object_id: Option<String>,
    /// At this moment or later.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// The audit trail of each tenant.
#[async_trait]
pub trait AuditTrail: Send + Sync {
    /// A tenant's entries that `filter` wants, the newest first.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`], or another [`StoreError`].
    async fn audit_entries(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError>;

    /// A tenant's entries with numbers above `after`, the oldest first, `limit` at most: the chain as it is checked.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn audit_chain(&self, tenant: TenantId, after: u64, limit: u32) -> Result<Vec<AuditEntry>, StoreError>;

    /// The tenants that have a chain, each with the last entry that was written. Kept apart from the entries, so that a
    /// chain whose end was cut off is noticed.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn audit_heads(&self) -> Result<Vec<(TenantId, ChainHead)>, StoreError>;
}

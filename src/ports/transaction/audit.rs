use async_trait::async_trait;
use frontdesk_domain::{AuditDraft, AuditEntry};

use crate::error::StoreError;

/// The audit trail within a transaction.
#[async_trait]
pub trait AuditWrites {
    /// Adds an entry to the end of its tenant's chain. Other transactions that add to the same chain wait until this
    /// one ends, so add it last.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn audit(&mut self, draft: AuditDraft) -> Result<AuditEntry, StoreError>;
}

//! Facts of the database as a whole.

use async_trait::async_trait;

use crate::error::StoreError;

/// The installation whose database this is.
#[async_trait]
pub trait Installation: Send + Sync {
    /// The epoch of this database's history: made once, changed by a restore. Clients compare it to learn whether
    /// history may have been rewritten.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn epoch(&self) -> Result<String, StoreError>;

    /// The id of the installation: made once, and kept over a restore. The broker's streams carry it, so that a
    /// database and a broker of different installations are not used together.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn installation_id(&self) -> Result<String, StoreError>;

    /// Whether the database answers: for readiness.
    ///
    /// # Errors
    /// [`StoreError`]: it does not.
    async fn ping(&self) -> Result<(), StoreError> {
        self.epoch().await.map(drop)
    }
}

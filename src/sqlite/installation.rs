//! Facts of the database as a whole.

use async_trait::async_trait;
use frontdesk_ports::{Installation, StoreError};

use crate::{SqliteStore, error::store_error};

#[async_trait]
impl Installation for SqliteStore {
    async fn epoch(&self) -> Result<String, StoreError> {
        let found =
            sqlx::query_file_scalar!("../storage/statements/installation/epoch.sql").fetch_one(self.readers()).await;
        found.map_err(store_error)
    }

    async fn installation_id(&self) -> Result<String, StoreError> {
        let found =
            sqlx::query_file_scalar!("../storage/statements/installation/id.sql").fetch_one(self.readers()).await;
        found.map_err(store_error)
    }
}

//! Facts of the database as a whole.

use async_trait::async_trait;
use frontdesk_ports::{Installation, StoreError};

use crate::{PostgresStore, connect::answered, error::store_error};

#[async_trait]
impl Installation for PostgresStore {
    async fn epoch(&self) -> Result<String, StoreError> {
        let find = sqlx::query_file_scalar!("../storage/statements/installation/epoch.sql");
        answered(async { find.fetch_one(self.pool()).await.map_err(store_error) }).await
    }

    async fn installation_id(&self) -> Result<String, StoreError> {
        let find = sqlx::query_file_scalar!("../storage/statements/installation/id.sql");
        answered(async { find.fetch_one(self.pool()).await.map_err(store_error) }).await
    }
}

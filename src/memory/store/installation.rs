use async_trait::async_trait;
use frontdesk_ports::{Installation, StoreError};

use super::MemoryStore;

#[async_trait]
impl Installation for MemoryStore {
    async fn epoch(&self) -> Result<String, StoreError> {
        self.state().map(|_| self.epoch.clone())
    }

    async fn installation_id(&self) -> Result<String, StoreError> {
        self.state().map(|_| self.installation.clone())
    }
}

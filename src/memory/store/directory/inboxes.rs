use async_trait::async_trait;
use frontdesk_domain::{Inbox, InboxId, TenantId};
use frontdesk_ports::{Inboxes, StoreError};

use crate::store::MemoryStore;

#[async_trait]
impl Inboxes for MemoryStore {
    async fn put_inbox(&self, inbox: &Inbox) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| directory.put_inbox(inbox))
    }

    async fn inbox(&self, id: InboxId) -> Result<Option<Inbox>, StoreError> {
        self.directory(|directory| Ok(directory.inboxes.get(&id).map(|held| held.value.clone())))
    }

    async fn inboxes(&self, tenant: TenantId) -> Result<Vec<Inbox>, StoreError> {
        self.directory(|directory| {
            let theirs = directory.inboxes.values().map(|held| &held.value).filter(|inbox| inbox.tenant == tenant);
            let mut inboxes: Vec<_> = theirs.cloned().collect();
            inboxes.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
            Ok(inboxes)
        })
    }
}

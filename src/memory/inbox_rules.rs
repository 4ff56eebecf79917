//! Rules of inboxes that tests set.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use frontdesk_domain::{InboxId, InboxRules, TenantId};
use frontdesk_ports::InboxRulesSource;
use tokio::sync::watch;

/// The rules of inboxes in memory: the defaults, until they are set.
#[derive(Debug, Default)]
pub struct MemoryInboxRules(Mutex<HashMap<(TenantId, InboxId), watch::Sender<InboxRules>>>);

impl MemoryInboxRules {
    /// Changes the rules of an inbox, at once for everything that follows them.
    pub fn set(&self, tenant: TenantId, inbox: InboxId, rules: InboxRules) {
        self.with_sender(tenant, inbox, |sender| sender.send_replace(rules));
    }

    fn with_sender<T>(
        &self,
        tenant: TenantId,
        inbox: InboxId,
        action: impl FnOnce(&watch::Sender<InboxRules>) -> T,
    ) -> T {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        action(held.entry((tenant, inbox)).or_insert_with(|| watch::Sender::new(InboxRules::default())))
    }
}

#[async_trait]
impl InboxRulesSource for MemoryInboxRules {
    async fn watch(&self, tenant: TenantId, inbox: InboxId) -> watch::Receiver<InboxRules> {
        self.with_sender(tenant, inbox, watch::Sender::subscribe)
    }
}

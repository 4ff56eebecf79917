//! Follows the settings of the inboxes whose conversations this process hosts.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_application::{notices::NoticeListener, settings::SettingsCache};
use frontdesk_domain::{InboxId, InboxRules, SettingsScope, TenantId};
use frontdesk_ports::{InboxRulesSource, Notice, NoticeKind, StoreError};
use tokio::sync::{Notify, watch};

/// Keeps the rules of watched inboxes current: they are read when the first conversation of an inbox is loaded, upon
/// each change notice of settings, and every 5 s in case a notice was lost. Reading costs the database at most what
/// [`SettingsCache`] reads; a message costs it nothing.
pub(crate) struct FollowedRules {
    settings: Arc<SettingsCache>,
    /// Inboxes with a conversation in memory. One that no conversation follows any more is removed at the next refresh.
    watched: Mutex<HashMap<(TenantId, InboxId), watch::Sender<InboxRules>>>,
    /// Something may have changed.
    outdated: Notify,
}

impl FollowedRules {
    /// Follows nothing yet. It learns of changes once it is told of notices, after `settings`, and [`Self::run`] runs.
    pub(crate) fn new(settings: Arc<SettingsCache>) -> Self {
        Self { settings, watched: Mutex::default(), outdated: Notify::new() }
    }

    /// Refreshes what is watched whenever it may be outdated, for ever; drop the future to end it.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut wait = REFRESH_EVERY;
        loop {
            let _by_itself = tokio::time::timeout(wait, self.outdated.notified()).await;
            wait = if self.refresh().await.is_ok() { REFRESH_EVERY } else { RETRY_AFTER };
        }
    }

    /// Reads the rules of everything that is watched. What cannot be read keeps what it has.
    async fn refresh(&self) -> Result<(), StoreError> {
        let watched: Vec<_> = {
            let mut watched = self.watched();
            watched.retain(|_, rules| rules.receiver_count() > 0);
            watched.keys().copied().collect()
        };
        let mut outcome = Ok(());
        for (tenant, inbox) in watched {
            match self.read(tenant, inbox).await {
                Ok(rules) => self.tell((tenant, inbox), rules),
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }

    async fn read(&self, tenant: TenantId, inbox: InboxId) -> Result<InboxRules, StoreError> {
        let read = self.settings.effective(tenant, SettingsScope::Inbox(inbox));
        let read = tokio::time::timeout(LONGEST_READ, read).await;
        let effective = read.unwrap_or_else(|late| Err(StoreError::Unavailable(late.into())))?;
        Ok(InboxRules::from(&effective.settings))
    }

    fn tell(&self, inbox: (TenantId, InboxId), rules: InboxRules) {
        if let Some(sender) = self.watched().get(&inbox) {
            sender.send_if_modified(|held| std::mem::replace(held, rules) != rules);
        }
    }

    fn watched(&self) -> MutexGuard<'_, HashMap<(TenantId, InboxId), watch::Sender<InboxRules>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl InboxRulesSource for FollowedRules {
    async fn watch(&self, tenant: TenantId, inbox: InboxId) -> watch::Receiver<InboxRules> {
        let known = self.watched().get(&(tenant, inbox)).map(watch::Sender::subscribe);
        if let Some(rules) = known {
            return rules;
        }
        let rules = self.read(tenant, inbox).await.unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                tenant.id = %tenant, inbox.id = %inbox, error,
                "the settings of an inbox cannot be read; its conversations use the defaults until they can"
            );
            InboxRules::default()
        });
        let receiver = {
            let mut watched = self.watched();
            watched.entry((tenant, inbox)).or_insert_with(|| watch::Sender::new(rules)).subscribe()
        };
        // A change that was told between the reading and now is found by another look, which costs nothing if there was
        // none.
        self.outdated.notify_one();
        receiver
    }
}

impl NoticeListener for FollowedRules {
    fn changed(&self, notice: &Notice) {
        if notice.kind == NoticeKind::SETTINGS {
            self.outdated.notify_one();
        }
    }

    fn missed(&self) {
        self.outdated.notify_one();
    }
}

/// Longest wait for the database.
const LONGEST_READ: Duration = Duration::from_secs(2);

/// Between two looks without a notice. The cache below reads again what is 10 s old, so a change whose notice was lost
/// holds within 15 s.
const REFRESH_EVERY: Duration = Duration::from_secs(5);

/// Before another look when the database did not answer.
const RETRY_AFTER: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;

//! The rules that the settings of an inbox make for its conversations, as they are now.

use async_trait::async_trait;
use frontdesk_domain::{InboxId, InboxRules, TenantId};
use tokio::sync::watch;

/// Follows the rules of inboxes, so that a conversation reads them for each message without waiting.
#[async_trait]
pub trait InboxRulesSource: Send + Sync {
    /// The rules of an inbox of `tenant`. The receiver holds the present ones, and a change within a second of its
    /// notice.
    ///
    /// Returns within a few seconds. While the database is away and the rules were never read on this node, the
    /// receiver holds the defaults until they can be read: a conversation goes on without its settings rather than not
    /// at all.
    async fn watch(&self, tenant: TenantId, inbox: InboxId) -> watch::Receiver<InboxRules>;
}

//! What agents hear of conversations that they are not looking at.

use async_trait::async_trait;
use frontdesk_domain::{AgentId, TenantId};
use frontdesk_protocol::FeedItem;

use crate::{error::LogError, log::LogStream};

/// For whom an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedTarget {
    /// The consoles of one agent.
    Agent(AgentId),
    /// Every agent of the tenant.
    Everyone,
}

/// The feed of a tenant's agents. Best effort: what is missed is caught up by
/// [`changed_since`](crate::ConversationStore::changed_since).
#[async_trait]
pub trait Feed: Send + Sync {
    /// Tells agents of a change.
    ///
    /// # Errors
    /// [`LogError`].
    async fn publish(&self, tenant: TenantId, target: FeedTarget, item: &FeedItem) -> Result<(), LogError>;

    /// Everything for a tenant's agents from now on.
    ///
    /// # Errors
    /// [`LogError`].
    async fn subscribe(&self, tenant: TenantId) -> Result<LogStream<(FeedTarget, FeedItem)>, LogError>;

    /// Sends a heartbeat over the feeds of `tenants` that delivered nothing for a while. Subscribers receive it, and
    /// pass it on to no client.
    ///
    /// # Errors
    /// [`LogError`]: the broker did not take them, so nothing follows from not receiving them. The default does
    /// nothing.
    async fn check(&self, _tenants: &[TenantId]) -> Result<(), LogError> {
        Ok(())
    }

    /// Whether a subscribed feed delivered nothing although the broker took two heartbeats. The default never finds
    /// one.
    fn is_stale(&self, _tenant: TenantId) -> bool {
        false
    }
}

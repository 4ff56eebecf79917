//! What agents hear of conversations that they are not looking at.

use async_trait::async_trait;
use frontdesk_domain::{AgentId, TenantId};
use frontdesk_protocol::FeedItem;

use crate::{error::LogError, log::LogStream};

/// For whom an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedTarget {
    /// One agent.
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
}

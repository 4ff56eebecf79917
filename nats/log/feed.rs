//! The feed of a tenant's agents: summaries of conversations that changed. Not stored; an agent reads missed ones from
//! the database.

use std::{sync::Arc, time::Duration};

use frontdesk_domain::TenantId;
use frontdesk_ports::{FeedTarget, LogError, LogStream};
use frontdesk_protocol::FeedItem;

use super::liveness::Liveness;
use crate::client::{Client, Decoded, Subscription, bounded};

/// Publishes an item to the agents' feed of its tenant.
pub(crate) async fn publish(
    client: &Client,
    tenant: TenantId,
    target: FeedTarget,
    item: &FeedItem,
) -> Result<(), LogError> {
    let connection = client.connection()?;
    let subject = client.subjects().feed(tenant, target);
    Ok(bounded(SEND_TIMEOUT, connection.client.publish(subject, item.encode().into())).await?)
}

/// Every item of `tenant` from now on.
pub(crate) async fn subscribe(
    client: &Client,
    liveness: Arc<Liveness>,
    tenant: TenantId,
) -> Result<LogStream<(FeedTarget, FeedItem)>, LogError> {
    let subjects = client.subjects().clone();
    let subscription = Subscription::open(client, subjects.feeds_of(tenant)).await?;
    liveness.feed_received(tenant);
    Ok(subscription.decoded(move |message| {
        liveness.feed_received(tenant);
        if subjects.is_heartbeat(&message.subject) {
            return Decoded::Heartbeat;
        }
        let target = subjects.feed_target(&message.subject).map(|(_, target)| target);
        target.zip(FeedItem::decode(&message.payload)).into()
    }))
}

/// Longest wait for room in the client's send queue.
const SEND_TIMEOUT: Duration = Duration::from_secs(1);

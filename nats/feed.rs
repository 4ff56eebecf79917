//! What agents hear of conversations that they are not looking at. Never stored: what is missed is in the database.

use std::{sync::Arc, time::Duration};

use frontdesk_domain::TenantId;
use frontdesk_ports::{FeedTarget, LogError, LogStream};
use frontdesk_protocol::FeedItem;

use crate::{
    link::bounded,
    log::Shared,
    subscription::{Decoded, Subscription},
};

pub(crate) async fn publish(
    shared: &Shared,
    tenant: TenantId,
    target: FeedTarget,
    item: &FeedItem,
) -> Result<(), LogError> {
    let link = shared.links.reach()?;
    let subject = shared.subjects().feed(tenant, target);
    bounded(PATIENCE, link.client.publish(subject, item.encode().into())).await
}

pub(crate) async fn subscribe(
    shared: Arc<Shared>,
    tenant: TenantId,
) -> Result<LogStream<(FeedTarget, FeedItem)>, LogError> {
    let subjects = shared.subjects().clone();
    let subscription = Subscription::open(&shared, subjects.feeds_of(tenant)).await?;
    shared.beats.feed_heard(tenant);
    Ok(subscription.decoded(move |message| {
        shared.beats.feed_heard(tenant);
        if subjects.is_beat(&message.subject) {
            return Decoded::Beat;
        }
        let target = subjects.feed_target(&message.subject).map(|(_, target)| target);
        target.zip(FeedItem::decode(&message.payload)).into()
    }))
}

/// How long an item may wait for the client's queue.
const PATIENCE: Duration = Duration::from_secs(1);

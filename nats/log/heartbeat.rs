//! Sending heartbeats through the channels that a node subscribes to.

use async_nats::jetstream::message::PublishMessage;
use frontdesk_domain::{Partition, TenantId};
use frontdesk_ports::{LiveChannel, LogError};

use super::liveness::Liveness;
use crate::client::{Client, Unavailable, bounded, publish_stored};

/// Sends one heartbeat through each channel of `partition` that received nothing for 2.5 s.
pub(crate) async fn send(client: &Client, liveness: &Liveness, partition: Partition) -> Result<(), LogError> {
    let started = liveness.now();
    let live_is_due = liveness.due(partition, &[LiveChannel::Signals, LiveChannel::Live], started);
    let acks_are_due = liveness.due(partition, &[LiveChannel::Acks], started);
    if live_is_due {
        send_live(client, liveness, partition, started).await?;
    }
    if acks_are_due {
        publish_stored(client, client.subjects().ack_heartbeat(partition, &client.node), Vec::new()).await?;
        liveness.heartbeat_sent(partition, LiveChannel::Acks, started);
    }
    Ok(())
}

/// Sends one heartbeat over the feed of each of `tenants` that received nothing for 2.5 s. `tenants` are all whose
/// feeds this process subscribes to.
pub(crate) async fn send_to_feeds(client: &Client, liveness: &Liveness, tenants: &[TenantId]) -> Result<(), LogError> {
    let (connection, started) = (client.connection()?, liveness.now());
    liveness.keep_feeds(tenants);
    let tenants = liveness.feeds_due(tenants, started);
    if tenants.is_empty() {
        return Ok(());
    }
    for tenant in &tenants {
        let published = connection.client.publish(client.subjects().feed_heartbeat(*tenant), "".into());
        bounded(client.options.ack_timeout, published).await?;
    }
    // When the broker answers, it has processed everything sent before on this connection.
    bounded(client.options.ack_timeout, connection.jetstream.query_account()).await?;
    liveness.feed_heartbeats_sent(&tenants, started);
    Ok(())
}

async fn send_live(
    client: &Client,
    liveness: &Liveness,
    partition: Partition,
    started: u64,
) -> Result<(), Unavailable> {
    let (subjects, node, connection) = (client.subjects(), &client.node, client.connection()?);
    // Signals are not stored, so the broker does not confirm them; but it confirms the next message, which it processes
    // later.
    let signal = connection.client.publish(subjects.typing_heartbeat(partition, node), "".into());
    bounded(client.options.ack_timeout, signal).await?;
    let message = PublishMessage::build().payload("".into());
    let stored = async { connection.jetstream.send_publish(subjects.heartbeat(partition, node), message).await?.await };
    bounded(client.options.ack_timeout, stored).await?;
    liveness.heartbeat_sent(partition, LiveChannel::Signals, started);
    liveness.heartbeat_sent(partition, LiveChannel::Live, started);
    Ok(())
}

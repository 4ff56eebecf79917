//! Signals, such as typing: published without storing, and dropped when the connection is busy.

use std::{sync::Arc, time::Duration};

use frontdesk_domain::{ConversationKey, Partition};
use frontdesk_ports::{LiveChannel, LogError, LogStream, Signal};

use super::liveness::Liveness;
use crate::client::{Client, Decoded, Subscription, bounded};

/// Publishes a signal, or drops and counts it when the send queue stays full for 50 ms.
pub(crate) async fn signal(client: &Client, key: ConversationKey, signal: &Signal) {
    let (Ok(connection), Ok(bytes)) = (client.connection(), serde_json::to_vec(signal)) else {
        return;
    };
    let published = connection.client.publish(client.subjects().typing(key), bytes.into());
    if bounded(SEND_TIMEOUT, published).await.is_err() {
        metrics::counter!("desk_signal_dropped_total").increment(1);
    }
}

/// Every signal of `partition` from now on.
pub(crate) async fn signals(
    client: &Client,
    liveness: Arc<Liveness>,
    partition: Partition,
) -> Result<LogStream<(ConversationKey, Signal)>, LogError> {
    let subjects = client.subjects().clone();
    let subscription = Subscription::open(client, subjects.typing_of(partition)).await?;
    liveness.received(partition, LiveChannel::Signals);
    Ok(subscription.decoded(move |message| {
        liveness.received(partition, LiveChannel::Signals);
        if subjects.is_heartbeat(&message.subject) {
            return Decoded::Heartbeat;
        }
        subjects.conversation(&message.subject).zip(serde_json::from_slice(&message.payload).ok()).into()
    }))
}

/// Longest wait for room in the client's send queue.
const SEND_TIMEOUT: Duration = Duration::from_millis(50);

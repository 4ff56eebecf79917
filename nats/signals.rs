//! What matters only now, such as typing: published and forgotten.

use std::{sync::Arc, time::Duration};

use frontdesk_domain::{ConversationKey, Partition};
use frontdesk_ports::{Channel, LogError, LogStream, Signal};

use crate::{
    link::bounded,
    log::Shared,
    subscription::{Decoded, Subscription},
};

/// Publishes, or drops the signal when that cannot be done at once.
pub(crate) async fn signal(shared: &Shared, key: ConversationKey, signal: &Signal) {
    let (Ok(link), Ok(bytes)) = (shared.links.get(), serde_json::to_vec(signal)) else {
        return;
    };
    let sent = bounded(AT_ONCE, link.client.publish(shared.subjects().typing(key), bytes.into())).await;
    if sent.is_err() {
        metrics::counter!("desk_signal_dropped_total").increment(1);
    }
}

pub(crate) async fn signals(
    shared: Arc<Shared>,
    partition: Partition,
) -> Result<LogStream<(ConversationKey, Signal)>, LogError> {
    let subjects = shared.subjects().clone();
    let subscription = Subscription::open(&shared, subjects.typing_of(partition)).await?;
    shared.beats.heard(partition, Channel::Signals);
    Ok(subscription.decoded(move |message| {
        shared.beats.heard(partition, Channel::Signals);
        if subjects.is_beat(&message.subject) {
            return Decoded::Beat;
        }
        subjects.conversation(&message.subject).zip(serde_json::from_slice(&message.payload).ok()).into()
    }))
}

/// How long a signal may wait for the client's queue.
const AT_ONCE: Duration = Duration::from_millis(50);

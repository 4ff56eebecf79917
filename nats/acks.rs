//! Channel 2: acknowledgements, of which the last one on a subject stands for all before it.

use async_nats::jetstream::message::PublishMessage;
use frontdesk_domain::{ConversationKey, Partition};
use frontdesk_ports::{AckRecord, LogError, LogStream};
use frontdesk_protocol::{Ack, AckKind};

use crate::{
    link::bounded,
    log::Shared,
    read::{Ask, from_leader},
    subscription::Subscription,
    topology::StreamName,
};

pub(crate) async fn acknowledge(shared: &Shared, record: AckRecord) -> Result<(), LogError> {
    publish(shared, shared.subjects().ack(record.key, record.kind), record.ack.encode()).await
}

/// Publishes and waits until it is stored.
pub(crate) async fn publish(shared: &Shared, subject: String, payload: Vec<u8>) -> Result<(), LogError> {
    let link = shared.links.reach()?;
    let message = PublishMessage::build().payload(payload.into());
    bounded(shared.options.ack_timeout, async { link.broker.send_publish(subject, message).await?.await }).await?;
    Ok(())
}

/// The last word of the database on a conversation.
pub(crate) async fn persisted(shared: &Shared, key: ConversationKey) -> Result<u64, LogError> {
    let link = shared.links.reach()?;
    let subject = shared.subjects().ack(key, AckKind::Persisted);
    let last = from_leader(&link, &shared.topology.name(StreamName::Acks), Ask::Last(subject)).await?;
    Ok(last.and_then(|last| Ack::decode(&last.payload)).map_or(0, |ack| ack.up_to_seq))
}

pub(crate) async fn acks(shared: &Shared, partition: Partition) -> Result<LogStream<AckRecord>, LogError> {
    let subjects = shared.subjects().clone();
    let subscription = Subscription::open(shared, subjects.acks_of(partition)).await?;
    Ok(subscription.decoded(move |message| {
        let (key, kind) = subjects.acknowledgement(&message.subject)?;
        Some(AckRecord { key, kind, ack: Ack::decode(&message.payload)? })
    }))
}

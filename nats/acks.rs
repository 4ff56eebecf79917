//! Channel 2: acknowledgements, of which the last one on a subject stands for all before it.

mod last;

use std::sync::Arc;

use async_nats::jetstream::message::PublishMessage;
use frontdesk_domain::{ConversationKey, Partition};
use frontdesk_ports::{AckRecord, AppendError, Channel, LogError, LogStream};
use frontdesk_protocol::{Ack, AckKind};
use tokio::time::timeout;

use crate::{
    append::judge,
    link::bounded,
    log::Shared,
    read::{Ask, from_leader},
    subscription::{Decoded, Subscription},
    topology::StreamName,
};

use last::LastAck;
pub(crate) use last::LastAcks;

pub(crate) async fn acknowledge(shared: &Shared, record: AckRecord) -> Result<(), LogError> {
    // Nothing can be lower than that, and a probe has to be written whatever is there.
    if record.kind == AckKind::Persisted && record.ack.up_to_seq > 0 {
        return raise(shared, record.key, record.ack).await;
    }
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
    Ok(last(shared, key).await?.up_to_seq)
}

/// Publishes what the database holds, unless a later word of it stands there: workers that commit one after the other may
/// come here in another order. The broker compares, by the place of the last one; in the usual case of a worker that told the
/// one before, or of a new conversation, that takes no question beforehand.
async fn raise(shared: &Shared, key: ConversationKey, ack: Ack) -> Result<(), LogError> {
    let mut known = shared.last_acks.get(key);
    for _ in 0..MOST_TRIES {
        if known.up_to_seq > ack.up_to_seq {
            return Ok(());
        }
        match publish_after(shared, key, ack, known.log_seq).await {
            Ok(log_seq) => {
                shared.last_acks.put(key, LastAck { log_seq, up_to_seq: ack.up_to_seq });
                return Ok(());
            }
            Err(AppendError::Conflict) => known = last(shared, key).await?,
            Err(error) => {
                shared.last_acks.forget(key);
                return Err(LogError::Unavailable(error.into()));
            }
        }
        shared.last_acks.put(key, known);
        if known.up_to_seq == ack.up_to_seq {
            return Ok(());
        }
    }
    Err(LogError::Unavailable("others acknowledge the same conversation all the time".into()))
}

async fn publish_after(shared: &Shared, key: ConversationKey, ack: Ack, expected: u64) -> Result<u64, AppendError> {
    let link = shared.links.get().map_err(|lost| AppendError::Unavailable(lost.into()))?;
    let subject = shared.subjects().ack(key, AckKind::Persisted);
    let message = PublishMessage::build().payload(ack.encode().into()).expected_last_subject_sequence(expected);
    let published = async { link.broker.send_publish(subject, message).await?.await };
    match timeout(shared.options.ack_timeout, published).await {
        Ok(stored) => Ok(stored.map_err(judge)?.sequence),
        Err(elapsed) => Err(AppendError::Unknown(elapsed.into())),
    }
}

/// What stands there, and where.
async fn last(shared: &Shared, key: ConversationKey) -> Result<LastAck, LogError> {
    let link = shared.links.reach()?;
    let subject = shared.subjects().ack(key, AckKind::Persisted);
    let last = from_leader(&link, &shared.topology.name(StreamName::Acks), Ask::Last(subject)).await?;
    Ok(last.map_or_else(LastAck::default, |last| LastAck {
        log_seq: last.log_seq,
        up_to_seq: Ack::decode(&last.payload).map_or(0, |ack| ack.up_to_seq),
    }))
}

pub(crate) async fn acks(shared: Arc<Shared>, partition: Partition) -> Result<LogStream<AckRecord>, LogError> {
    let subjects = shared.subjects().clone();
    let subscription = Subscription::open(&shared, subjects.acked_of(partition)).await?;
    shared.beats.heard(partition, Channel::Acks);
    Ok(subscription.decoded(move |message| {
        shared.beats.heard(partition, Channel::Acks);
        if subjects.is_beat(&message.subject) {
            return Decoded::Beat;
        }
        let named = subjects.acknowledgement(&message.subject).zip(Ack::decode(&message.payload));
        named.map(|((key, kind), ack)| AckRecord { key, kind, ack }).into()
    }))
}

/// How often an acknowledgement is tried that others come before.
const MOST_TRIES: u32 = 16;

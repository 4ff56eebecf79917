//! The ack stream: of the acknowledgements on one subject, the last one replaces all before it.

mod last;

use std::sync::Arc;

use async_nats::jetstream::message::PublishMessage;
use frontdesk_domain::{ConversationKey, Partition};
use frontdesk_ports::{AckRecord, LiveChannel, LogError, LogStream};
use frontdesk_protocol::{Ack, AckKind};

use super::liveness::Liveness;
use crate::{
    client::{
        Client, Decoded, LeaderRead, PublishFailure, Subscription, Unavailable, publish, publish_stored,
        read_from_leader,
    },
    topology::StreamName,
};

use last::LastAck;
pub(crate) use last::LastAcks;

/// Publishes an acknowledgement to the ack stream.
pub(crate) async fn acknowledge(client: &Client, last_acks: &LastAcks, record: AckRecord) -> Result<(), LogError> {
    // Nothing is lower than 0, and a probe is written whatever the last value is.
    if record.kind == AckKind::Persisted && record.ack.up_to_seq > 0 {
        return Ok(raise(client, last_acks, record.key, record.ack).await?);
    }
    let subject = client.subjects().ack(record.key, record.kind);
    Ok(publish_stored(client, subject, record.ack.encode()).await?)
}

/// The highest `persisted` acknowledgement of a conversation; 0 for none.
pub(crate) async fn persisted(client: &Client, key: ConversationKey) -> Result<u64, LogError> {
    Ok(last(client, key).await?.up_to_seq)
}

/// Publishes `ack` unless a higher one is stored: workers that commit one after the other may get here in another
/// order. The broker compares by the sequence of the last one. When this process published that, or there is none, no
/// read is needed before.
async fn raise(client: &Client, last_acks: &LastAcks, key: ConversationKey, ack: Ack) -> Result<(), Unavailable> {
    let mut known = last_acks.get(key);
    for _ in 0..MOST_ATTEMPTS {
        if known.up_to_seq > ack.up_to_seq {
            return Ok(());
        }
        match publish_after(client, key, ack, known.log_seq).await {
            Ok(log_seq) => {
                last_acks.put(key, LastAck { log_seq, up_to_seq: ack.up_to_seq });
                return Ok(());
            }
            Err(PublishFailure::WrongLastSequence) => known = last(client, key).await?,
            Err(failure) => {
                last_acks.forget(key);
                return Err(Unavailable::new(failure));
            }
        }
        last_acks.put(key, known);
        if known.up_to_seq == ack.up_to_seq {
            return Ok(());
        }
    }
    Err(Unavailable::new("other processes keep acknowledging the same conversation"))
}

async fn publish_after(client: &Client, key: ConversationKey, ack: Ack, expected: u64) -> Result<u64, PublishFailure> {
    let subject = client.subjects().ack(key, AckKind::Persisted);
    let message = PublishMessage::build().payload(ack.encode().into()).expected_last_subject_sequence(expected);
    Ok(publish(client, subject, message).await?.sequence)
}

/// The last `persisted` acknowledgement and its sequence, from the stream's leader.
async fn last(client: &Client, key: ConversationKey) -> Result<LastAck, Unavailable> {
    let connection = client.connection()?;
    let last = LeaderRead::Last(client.subjects().ack(key, AckKind::Persisted));
    let last = read_from_leader(&connection, &client.topology.name(StreamName::Acks), last).await?;
    Ok(last.map_or_else(LastAck::default, |last| LastAck {
        log_seq: last.log_seq,
        up_to_seq: Ack::decode(&last.payload).map_or(0, |ack| ack.up_to_seq),
    }))
}

/// Every acknowledgement of `partition` from now on.
pub(crate) async fn acks(
    client: &Client,
    liveness: Arc<Liveness>,
    partition: Partition,
) -> Result<LogStream<AckRecord>, LogError> {
    let subjects = client.subjects().clone();
    let subscription = Subscription::open(client, subjects.acked_of(partition)).await?;
    liveness.received(partition, LiveChannel::Acks);
    Ok(subscription.decoded(move |message| {
        liveness.received(partition, LiveChannel::Acks);
        if subjects.is_heartbeat(&message.subject) {
            return Decoded::Heartbeat;
        }
        let named = subjects.acknowledgement(&message.subject).zip(Ack::decode(&message.payload));
        named.map(|((key, kind), ack)| AckRecord { key, kind, ack }).into()
    }))
}

/// Attempts to publish an acknowledgement while other processes publish for the same conversation.
const MOST_ATTEMPTS: u32 = 16;

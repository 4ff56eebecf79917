//! The stream of events: publishing behind the last one of the aggregate, and reading back what is there.

use async_nats::jetstream::message::PublishMessage;
use async_trait::async_trait;
use frontdesk_domain::{Aggregate, AggregateEvent};
use frontdesk_ports::{AppendError, EventStream, LogError, StreamedEvent};
use frontdesk_protocol::EventRecord;

use crate::{
    client::{Client, LeaderRead, StreamRecord, Unavailable, publish, read_from_any, read_from_leader},
    nats_log::NatsLog,
    topology::StreamName,
};

#[async_trait]
impl EventStream for NatsLog {
    async fn publish_event(&self, event: &AggregateEvent, last_seq: u64) -> Result<u64, AppendError> {
        publish_event(self.client(), event, last_seq).await
    }

    async fn events_after(
        &self,
        aggregate: &Aggregate,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StreamedEvent>, LogError> {
        events_after(self.client(), aggregate, after, limit).await
    }

    async fn last_event(&self, aggregate: &Aggregate) -> Result<u64, LogError> {
        last_event(self.client(), aggregate).await
    }
}

/// The broker refuses it unless the last record on the aggregate's subject is `last_seq`, and answers a repeated id
/// with the sequence of the first.
async fn publish_event(client: &Client, event: &AggregateEvent, last_seq: u64) -> Result<u64, AppendError> {
    let subject = subject(client, &event.draft.aggregate).map_err(|error| AppendError::Unavailable(error.0))?;
    let message = PublishMessage::build()
        .payload(EventRecord::of(event).encode().into())
        .message_id(event.draft.id.to_string())
        .expected_last_subject_sequence(last_seq);
    Ok(publish(client, subject, message).await?.sequence)
}

/// Any replica may answer the first request, so with several replicas the leader is asked for what may be missing at
/// the end.
async fn events_after(
    client: &Client,
    aggregate: &Aggregate,
    after: u64,
    limit: usize,
) -> Result<Vec<StreamedEvent>, LogError> {
    let (connection, subject, stream) = (client.connection()?, subject(client, aggregate)?, stream(client));
    let timeout = client.options.ack_timeout;
    let mut found = read_from_any(&connection, &stream, &subject, after + 1, limit, timeout).await?;
    while client.options.replicas > 1 && found.len() < limit {
        let from = found.last().map_or(after, |last| last.log_seq) + 1;
        match read_from_leader(&connection, &stream, LeaderRead::Next(subject.clone(), from)).await? {
            Some(next) => found.push(next),
            None => break,
        }
    }
    Ok(found.iter().map(streamed).collect())
}

async fn last_event(client: &Client, aggregate: &Aggregate) -> Result<u64, LogError> {
    let last = LeaderRead::Last(subject(client, aggregate)?);
    let last = read_from_leader(&*client.connection()?, &stream(client), last).await?;
    Ok(last.map_or(0, |record| record.log_seq))
}

fn streamed(record: &StreamRecord) -> StreamedEvent {
    let event = EventRecord::decode(&record.unpacked()).ok();
    StreamedEvent { id: event.map(|event| event.draft.id), stream_seq: record.log_seq }
}

fn subject(client: &Client, aggregate: &Aggregate) -> Result<String, Unavailable> {
    client.subjects().event(aggregate).map_err(Unavailable::new)
}

fn stream(client: &Client) -> String {
    client.topology.name(StreamName::Events)
}

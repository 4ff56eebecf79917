//! Reading the message streams and the ack stream from end to end.

use async_trait::async_trait;
use frontdesk_domain::ConversationKey;
use frontdesk_ports::{
    AckRecord, Acks as _, Backlog, LogError, LogInspector, LoggedAck, LoggedRecord, MessageLog as _, StreamPosition,
    TenantFilter,
};
use frontdesk_protocol::Ack;

use super::NatsLog;
use crate::{
    client::{LeaderRead, StreamRecord, read_from_any, read_from_leader},
    queues::positions,
    topology::{PERSISTED, StreamName},
};

#[async_trait]
impl LogInspector for NatsLog {
    fn stream_names(&self) -> Vec<String> {
        self.client.topology.message_stream_names()
    }

    async fn backlog(&self, stream: &str) -> Result<Backlog, LogError> {
        positions::backlog(&self.client, stream, PERSISTED).await
    }

    async fn streams(&self) -> Result<Vec<StreamPosition>, LogError> {
        positions::of_queue(&self.client, PERSISTED).await
    }

    async fn scan(
        &self,
        stream: &str,
        scope: TenantFilter,
        from: u64,
        limit: usize,
    ) -> Result<Vec<LoggedRecord>, LogError> {
        let subjects = self.client.subjects();
        let wanted = scope.map_or_else(|| subjects.messages(), |tenant| subjects.messages_to(tenant));
        let logged = |record: StreamRecord| LoggedRecord {
            log_seq: record.log_seq,
            key: record.subject().and_then(|subject| subjects.conversation(subject)),
            payload: record.unpacked(),
        };
        Ok(self.records(stream, &wanted, from, limit).await?.into_iter().map(logged).collect())
    }

    async fn last_logged(&self, key: ConversationKey) -> Result<u64, LogError> {
        Ok(self.last(key).await?.map_or(0, |last| last.envelope.entry.seq))
    }

    async fn acknowledged(&self, key: ConversationKey) -> Result<u64, LogError> {
        self.persisted(key).await
    }

    async fn acknowledgement_position(&self) -> Result<StreamPosition, LogError> {
        positions::of_acks(&self.client).await
    }

    async fn acknowledgements(&self, scope: TenantFilter, from: u64, limit: usize) -> Result<Vec<LoggedAck>, LogError> {
        let subjects = self.client.subjects();
        let wanted = scope.map_or_else(|| subjects.acks(), |tenant| subjects.acks_to(tenant));
        let stream = self.client.topology.name(StreamName::Acks);
        let mut from = from;
        loop {
            let records = self.records(&stream, &wanted, from, limit).await?;
            let Some(last) = records.last().map(|last| last.log_seq) else { return Ok(Vec::new()) };
            let acks = records.iter().filter_map(|record| {
                let (key, kind) = subjects.acknowledgement(record.subject()?)?;
                let acknowledged = AckRecord { key, kind, ack: Ack::decode(&record.payload)? };
                Some(LoggedAck { log_seq: record.log_seq, record: acknowledged })
            });
            let acks: Vec<_> = acks.collect();
            if !acks.is_empty() {
                return Ok(acks);
            }
            // Only probes, or records of a newer version: acknowledgements may follow.
            from = last + 1;
        }
    }
}

impl NatsLog {
    async fn records(
        &self,
        stream: &str,
        subject: &str,
        from: u64,
        limit: usize,
    ) -> Result<Vec<StreamRecord>, LogError> {
        let connection = self.client.connection()?;
        let mut records =
            read_from_any(&connection, stream, subject, from, limit, self.client.options.ack_timeout).await?;
        if records.is_empty() && self.client.options.replicas > 1 {
            // A replica that lags may have answered; only the leader knows whether there are more.
            records.extend(read_from_leader(&connection, stream, LeaderRead::Next(subject.to_owned(), from)).await?);
        }
        Ok(records)
    }
}

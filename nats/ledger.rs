//! Reading the streams of both channels from end to end.

use async_trait::async_trait;
use frontdesk_domain::ConversationKey;
use frontdesk_ports::{
    AckRecord, Backlog, Log as _, LogError, LogLedger, LoggedAck, LoggedRecord, Scope, StreamPosition,
};
use frontdesk_protocol::Ack;

use crate::{
    NatsLog, payload,
    read::{Ask, from_leader},
    stored::{Stored, fetch},
    topology::{PERSISTED, StreamName},
    trim,
};

#[async_trait]
impl LogLedger for NatsLog {
    fn stream_names(&self) -> Vec<String> {
        self.shared.topology.message_stream_names()
    }

    async fn backlog(&self, stream: &str) -> Result<Backlog, LogError> {
        trim::backlog(&self.shared, stream, PERSISTED).await
    }

    async fn streams(&self) -> Result<Vec<StreamPosition>, LogError> {
        trim::positions_of(&self.shared, PERSISTED).await
    }

    async fn scan(&self, stream: &str, scope: Scope, from: u64, limit: usize) -> Result<Vec<LoggedRecord>, LogError> {
        let subjects = self.shared.subjects();
        let wanted = scope.map_or_else(|| subjects.messages(), |tenant| subjects.messages_to(tenant));
        let logged = |stored: Stored| LoggedRecord {
            log_seq: stored.log_seq,
            key: stored.subject().and_then(|subject| subjects.conversation(subject)),
            payload: payload::unpack_or_raw(stored.headers.as_ref(), &stored.payload),
        };
        Ok(self.stored(stream, &wanted, from, limit).await?.into_iter().map(logged).collect())
    }

    async fn last_logged(&self, key: ConversationKey) -> Result<u64, LogError> {
        Ok(self.last(key).await?.map_or(0, |last| last.envelope.entry.seq))
    }

    async fn acknowledged(&self, key: ConversationKey) -> Result<u64, LogError> {
        self.persisted(key).await
    }

    async fn acknowledgement_position(&self) -> Result<StreamPosition, LogError> {
        trim::acknowledgement_position(&self.shared).await
    }

    async fn acknowledgements(&self, scope: Scope, from: u64, limit: usize) -> Result<Vec<LoggedAck>, LogError> {
        let subjects = self.shared.subjects();
        let wanted = scope.map_or_else(|| subjects.acks(), |tenant| subjects.acks_to(tenant));
        let stream = self.shared.topology.name(StreamName::Acks);
        let mut from = from;
        loop {
            let stored = self.stored(&stream, &wanted, from, limit).await?;
            let Some(last) = stored.last().map(|last| last.log_seq) else { return Ok(Vec::new()) };
            let acks = stored.iter().filter_map(|stored| {
                let (key, kind) = subjects.acknowledgement(stored.subject()?)?;
                let record = AckRecord { key, kind, ack: Ack::decode(&stored.payload)? };
                Some(LoggedAck { log_seq: stored.log_seq, record })
            });
            let acks: Vec<_> = acks.collect();
            if !acks.is_empty() {
                return Ok(acks);
            }
            // Probes only, or what a newer version writes: there may be more behind them.
            from = last + 1;
        }
    }
}

impl NatsLog {
    async fn stored(&self, stream: &str, subject: &str, from: u64, limit: usize) -> Result<Vec<Stored>, LogError> {
        let link = self.shared.links.reach()?;
        let mut stored = fetch(&link, stream, subject, from, limit, self.shared.options.ack_timeout).await?;
        if stored.is_empty() && self.shared.options.replicas > 1 {
            // A replica that is behind answered; only the leader knows whether there is more.
            stored.extend(from_leader(&link, stream, Ask::Next(subject.to_owned(), from)).await?);
        }
        Ok(stored)
    }
}

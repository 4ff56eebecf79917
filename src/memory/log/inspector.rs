//! Reading all of it.

use async_trait::async_trait;
use frontdesk_domain::ConversationKey;

use frontdesk_protocol::{Ack, AckKind};

use super::{MemoryLog, subjects::parse_subject};
use frontdesk_ports::{
    error::LogError,
    log::AckRecord,
    log_inspector::{Backlog, LogInspector, LoggedAck, LoggedRecord, TenantFilter},
    work::StreamPosition,
};

#[async_trait]
impl LogInspector for MemoryLog {
    fn stream_names(&self) -> Vec<String> {
        self.state().messages.iter().map(|stream| stream.name.clone()).collect()
    }

    async fn backlog(&self, stream: &str) -> Result<Backlog, LogError> {
        let state = self.reach()?;
        let held = state.messages.iter().find(|held| held.name == stream);
        Ok(held.map_or_else(Backlog::default, |held| Backlog {
            last_seq: held.last_seq,
            processed_seq: held.processed_by("persist"),
            unprocessed: held.unprocessed_by("persist"),
        }))
    }

    async fn streams(&self) -> Result<Vec<StreamPosition>, LogError> {
        Ok(self.reach()?.positions_of("persist"))
    }

    async fn scan(
        &self,
        stream: &str,
        scope: TenantFilter,
        from: u64,
        limit: usize,
    ) -> Result<Vec<LoggedRecord>, LogError> {
        let state = self.reach()?;
        let named = state.messages.iter().filter(|held| held.name == stream);
        let all = named.flat_map(|held| held.records.range(from..));
        let records = all.filter(|(_, stored)| is_in(scope, parse_subject(&stored.subject).conversation())).take(limit);
        Ok(records
            .map(|(log_seq, stored)| LoggedRecord {
                log_seq: *log_seq,
                key: parse_subject(&stored.subject).conversation(),
                payload: stored.payload.clone(),
            })
            .collect())
    }

    async fn last_logged(&self, key: ConversationKey) -> Result<u64, LogError> {
        Ok(self.reach()?.last(key)?.map_or(0, |record| record.envelope.entry.seq))
    }

    async fn acknowledged(&self, key: ConversationKey) -> Result<u64, LogError> {
        Ok(self.reach()?.acknowledged(key, AckKind::Persisted))
    }

    async fn acknowledgement_position(&self) -> Result<StreamPosition, LogError> {
        let state = self.reach()?;
        Ok(StreamPosition {
            stream: state.acks.name.clone(),
            first_seq: state.acks.first_seq,
            last_seq: state.acks.last_seq,
            processed_seq: state.acks.processed_by("receipts"),
            crowded: false,
        })
    }

    async fn acknowledgements(&self, scope: TenantFilter, from: u64, limit: usize) -> Result<Vec<LoggedAck>, LogError> {
        let state = self.reach()?;
        let all = state.acks.records.range(from..);
        let acks = all.filter_map(|(log_seq, stored)| {
            let (key, kind) = parse_subject(&stored.subject).ack().ok()?;
            let record = AckRecord { key, kind, ack: Ack::decode(&stored.payload)? };
            is_in(scope, Some(key)).then_some(LoggedAck { log_seq: *log_seq, record })
        });
        Ok(acks.take(limit).collect())
    }
}

fn is_in(scope: TenantFilter, key: Option<ConversationKey>) -> bool {
    scope.is_none_or(|tenant| key.is_some_and(|key| key.tenant == tenant))
}

//! Reading all of it.

use async_trait::async_trait;
use frontdesk_domain::{ConversationId, ConversationKey, TenantId};

use super::MemoryLog;
use crate::{
    error::LogError,
    ledger::{Backlog, LogLedger, LoggedRecord},
    work::StreamPosition,
};

#[async_trait]
impl LogLedger for MemoryLog {
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

    async fn scan(&self, stream: &str, from: u64, limit: usize) -> Result<Vec<LoggedRecord>, LogError> {
        let state = self.reach()?;
        let named = state.messages.iter().filter(|held| held.name == stream);
        let records = named.flat_map(|held| held.records.range(from..)).take(limit);
        Ok(records
            .map(|(log_seq, stored)| LoggedRecord {
                log_seq: *log_seq,
                key: key(&stored.subject),
                payload: stored.payload.clone(),
            })
            .collect())
    }
}

fn key(subject: &str) -> Option<ConversationKey> {
    let mut tokens = subject.rsplit('.');
    let conversation = ConversationId(tokens.next()?.parse().ok()?);
    let tenant = TenantId(tokens.next()?.parse().ok()?);
    Some(ConversationKey { tenant, conversation })
}
